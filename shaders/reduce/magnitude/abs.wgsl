// What is summed: absolute values; the norm is their sum.
// Expects: vector/*.
fn magnitude(x: Vec) -> Vec {
  return abs(x);
}

fn normFrom(sum: PerGroup) -> PerGroup {
  return sum;
}
