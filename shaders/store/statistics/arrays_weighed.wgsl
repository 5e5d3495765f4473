// Statistics go into the statistics arrays that the plan asks for, one value per group, with the
// sum of weights. A correction is subtracted from it.
// Expects: loop/cursor, loop/uniforms, mask/rules, reduce/state, store/statistics_buffer, vector/*.
fn storeIn(base: u32, at: u32, value: f32) {
  if (base != NONE) {
    statistics[base + at] = value;
  }
}

fn storeStatistics(m: Moments, scale: PerGroup, k: Normalizer, job: Job) {
  let n = select(m.n, PerGroup(1.0), m.n == PerGroup(0.0));
  let variances = keptPerGroup(m.m2 / n / scale) / scale;
  let spread = m.m2 / max(m.n - params.correction, PerGroup(0.0));
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
    storeIn(params.countBase, at, groupValue(firstPerGroup(groupWeight), i));
  }
}
