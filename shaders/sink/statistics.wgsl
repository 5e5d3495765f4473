// Where moments go: the planes that the plan asks for, one value a group.
// Expects: params, walk, a stat/*, a scale/*, moments.
@group(0) @binding(5) var<storage, read_write> statistics: array<f32>;

fn write(base: u32, at: u32, value: f32) {
  if (base != NONE) {
    statistics[base + at] = value;
  }
}

fn emit(m: Moments, job: Job) {
  if (job.slice > 0u) {
    return; // given statistics: every slice has the same
  }
  let variances = m.m2 / m.n;
  let scales = scaleOf(m);
  for (var i = 0u; i < PARTS; i++) {
    let at = job.origin.stat + i * params.statStep;
    let variance = part(variances, i);
    let spread = variance * params.spreadScale;
    write(params.pivotBase, at, part(m.pivot, i));
    write(params.deltaBase, at, part(m.delta, i));
    write(params.varianceBase, at, variance);
    write(params.meanBase, at, part(m.pivot, i) + part(m.delta, i));
    write(params.rstdBase, at, part(scales, i));
    write(params.spreadBase, at, select(spread, sqrt(spread), params.squareRoot == 1u));
  }
}
