// Statistics go into the statistics arrays that the plan asks for, one value per group.
// Expects: loop/cursor, loop/uniforms, reduce/state, store/running/*,
//   store/statistics_buffer, vector/*.
fn storeIn(base: u32, at: u32, value: f32) {
  if (base != NONE) {
    statistics[base + at] = value;
  }
}

fn storeStatistics(m: Moments, scale: PerGroup, k: Normalizer, job: Job) {
  for (var i = 0u; i < GROUPS_PER_VECTOR; i++) {
    let at = job.origin.statistics + i * params.laneStride.statistics;
    let own = groupValue(scale, i);
    let variance = groupValue(m.m2, i) / m.n;
    let corrected = variance * params.correctionScale;
    let pivot = groupValue(firstPerGroup(k.pivot), i);
    let delta = groupValue(firstPerGroup(k.delta), i);
    storeIn(params.pivotBase, at, pivot);
    storeIn(params.deltaBase, at, delta);
    storeIn(params.factorBase, at, groupValue(firstPerGroup(k.factor), i));
    storeIn(params.varianceBase, at, variance / own / own);
    storeIn(params.meanBase, at, pivot + delta);
    storeIn(params.gainBase, at, groupValue(firstPerGroup(k.gain), i));
    storeIn(params.offsetBase, at, groupValue(firstPerGroup(k.offset), i));
    storeIn(params.correctedBase, at, select(corrected / own, sqrt(corrected), params.squareRoot == 1u) / own);
    updateRunning(at, pivot + delta, variance / own / own);
  }
}
