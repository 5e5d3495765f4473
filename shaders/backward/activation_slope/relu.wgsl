// The slope of max(z, 0).
// Expects: parameters.
fn activationSlope(z: Vec, p: Parameters) -> Vec {
  return select(Vec(1.0), Vec(0.0), z <= Vec(0.0));
}
