// The magnitude is the absolute value. The norm is the sum of magnitudes.
// Expects: vector/*.
fn magnitude(x: Vec) -> Vec {
  return abs(x);
}

fn normFrom(sum: PerGroup) -> PerGroup {
  return sum;
}
