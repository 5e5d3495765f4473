// Statistics go into the statistics arrays that the plan asks for, one value per group.
// Expects: loop/cursor, loop/uniforms, reduce/state, store/running/*,
//   store/statistics_buffer, vector/*.
fn storeIn(base: u32, at: u32, value: f32) {
  if (base != NONE) {
    statistics[base + at] = value;
  }
}

fn storeStatistics(m: Moments, scale: PerGroup, k: Normalizer, job: Job) {
  let scaled = m.m2 / m.n;
  let variances = keptPerGroup(scaled / scale) / scale;
  let spread = scaled * params.correctionScale;
  let roots = select(spread / scale, sqrt(spread), params.squareRoot == 1u);
  let corrected = keptPerGroup(roots) / scale;
  for (var i = 0u; i < GROUPS_PER_VECTOR; i++) {
    let at = job.origin.statistics + i * params.laneStride.statistics;
    let pivot = groupValue(firstPerGroup(k.pivot), i);
    let delta = groupValue(firstPerGroup(k.delta), i);
    storeIn(params.pivotBase, at, pivot);
    storeIn(params.deltaBase, at, delta);
    storeIn(params.factorBase, at, groupValue(firstPerGroup(k.factor), i));
    storeIn(params.varianceBase, at, groupValue(variances, i));
    storeIn(params.meanBase, at, pivot + delta);
    storeIn(params.gainBase, at, groupValue(firstPerGroup(k.gain), i));
    storeIn(params.offsetBase, at, groupValue(firstPerGroup(k.offset), i));
    storeIn(params.correctedBase, at, groupValue(corrected, i));
    updateRunning(at, pivot + delta, groupValue(variances, i));
  }
}
