// The activation is max(z, 0). NaN stays NaN.
// Expects: epilogue/affine, vector/*.
fn activation(z: Vec, p: Parameters) -> Vec {
  return select(z, Vec(0.0), z < Vec(0.0));
}
