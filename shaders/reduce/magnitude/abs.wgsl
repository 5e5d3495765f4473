// The magnitude is the absolute value. The norm is the sum of magnitudes.
// Expects: reduce/state, vector/*.
fn magnitude(x: Vec) -> Vec {
  return abs(x);
}

fn rootOf(sum: PerGroup) -> PerGroup {
  return sum;
}

fn scaleOf(sum: PerGroup, mean: PerGroup) -> PerGroup {
  return select(PerGroup(SCALE_DOWN), PerGroup(1.0), sum <= PerGroup(LARGEST));
}
