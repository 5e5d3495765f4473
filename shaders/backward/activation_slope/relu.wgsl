// The slope is the derivative of max(z, 0).
// Expects: epilogue/parameters/*, vector/*.
fn activationSlope(z: Vec, p: Parameters) -> Vec {
  return select(Vec(1.0), Vec(0.0), z <= Vec(0.0));
}
