// The normalized x goes to the weight as it is.
// Expects: vector/*.
fn castNormalized(u: Vec) -> Vec {
  return u;
}
