// The magnitude is the square. The norm is the root of the sum of magnitudes.
// Expects: vector/*.
fn magnitude(x: Vec) -> Vec {
  return x * x;
}

fn normFrom(sum: PerGroup) -> PerGroup {
  return sqrt(sum);
}
