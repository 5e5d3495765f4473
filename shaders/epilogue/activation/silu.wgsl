// The activation is z * sigmoid(z).
// Expects: epilogue/affine, epilogue/sigmoid, vector/*.
fn activation(z: Vec, p: Parameters) -> Vec {
  return z * sigmoid(z);
}
