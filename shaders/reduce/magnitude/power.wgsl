// The magnitude is a power of the absolute value, with the exponent from the uniforms. Where the
// sum is out of range, the scale makes the largest absolute value 1.
// Expects: loop/uniforms, normalize/stable_power, reduce/state, vector/*.
fn magnitude(x: Vec) -> Vec {
  return stablePower(abs(x), params.exponent);
}

fn rootOf(sum: PerGroup) -> PerGroup {
  return firstPerGroup(stableRoot(Vec(sum), params.exponent));
}

fn scaleOf(sum: PerGroup, most: PerGroup) -> PerGroup {
  let inRange = (sum >= PerGroup(LEAST_SUM)) & (sum <= PerGroup(SCALE_UP));
  let usable = (most > PerGroup(0.0)) & (most <= PerGroup(LARGEST));
  return select(PerGroup(1.0), 1.0 / max(most, PerGroup(1.1754944e-38)), usable & !inRange);
}
