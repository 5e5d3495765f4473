// The slope is 2 max(z, 0).
// Expects: epilogue/parameters/*, vector/*.
fn activationSlope(z: Vec, p: Parameters) -> Vec {
  return nanOr(z, 2.0 * max(z, Vec(0.0)));
}
