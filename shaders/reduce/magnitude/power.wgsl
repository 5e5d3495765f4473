// The magnitude is a power of the absolute value, with the exponent from the uniforms. Where the
// sum is out of range, the scale makes the largest absolute value 1. (pow() is undefined below 0,
// and exp2 and log2 may lose NaN and subnormals.)
// Expects: loop/uniforms, reduce/state, vector/*.
fn magnitude(x: Vec) -> Vec {
  let a = abs(x);
  return select(a, exp2(params.exponent * log2(a)), a >= Vec(1.1754944e-38));
}

fn rootOf(sum: PerGroup) -> PerGroup {
  return select(sum, exp2(log2(sum) / params.exponent), sum >= PerGroup(1.1754944e-38));
}

fn scaleOf(sum: PerGroup, most: PerGroup) -> PerGroup {
  let inRange = (sum >= PerGroup(LEAST_SUM)) & (sum <= PerGroup(SCALE_UP));
  let usable = (most > PerGroup(0.0)) & (most <= PerGroup(LARGEST));
  return select(PerGroup(1.0), 1.0 / max(most, PerGroup(1.1754944e-38)), usable & !inRange);
}
