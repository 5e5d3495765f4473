// What is summed: squares; the norm is the root of their sum.
// Expects: vector/*.
fn magnitude(x: Vec) -> Vec {
  return x * x;
}

fn normFrom(sum: PerGroup) -> PerGroup {
  return sqrt(sum);
}
