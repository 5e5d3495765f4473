// Where statistics go: the planes that the plan asks for, one value a group.
// Expects: sink/planes, params, walk, a stat/*, moments.
fn write(base: u32, at: u32, value: f32) {
  if (base != NONE) {
    statistics[base + at] = value;
  }
}

fn emit(m: Moments, k: Known, job: Job) {
  for (var i = 0u; i < PARTS; i++) {
    let at = job.origin.stat + i * params.along.stat;
    let variance = part(m.m2, i) / m.n;
    let spread = variance * params.spreadScale;
    let pivot = part(lead(k.pivot), i);
    let delta = part(lead(k.delta), i);
    write(params.pivotBase, at, pivot);
    write(params.deltaBase, at, delta);
    write(params.factorBase, at, part(lead(k.factor), i));
    write(params.varianceBase, at, variance);
    write(params.meanBase, at, pivot + delta);
    write(params.gainBase, at, part(lead(k.gain), i));
    write(params.offsetBase, at, part(lead(k.offset), i));
    write(params.spreadBase, at, select(spread, sqrt(spread), params.squareRoot == 1u));
  }
}
