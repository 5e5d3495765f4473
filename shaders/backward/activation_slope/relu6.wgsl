// The slope is 1 between 0 and 6.
// Expects: epilogue/parameters/*, vector/*.
fn activationSlope(z: Vec, p: Parameters) -> Vec {
  return select(Vec(1.0), Vec(0.0), (z <= Vec(0.0)) | (z >= Vec(6.0)));
}
