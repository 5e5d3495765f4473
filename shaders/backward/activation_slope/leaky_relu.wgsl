// The slope is 1 above 0 and the given one elsewhere, as in PyTorch.
// Expects: epilogue/parameters/*, vector/*.
fn activationSlope(z: Vec, p: Parameters) -> Vec {
  return select(p.slope, Vec(1.0), z > Vec(0.0));
}
