// The slope of sigmoid(z).
// Expects: epilogue/affine, epilogue/sigmoid, vector/*.
fn activationSlope(z: Vec, p: Parameters) -> Vec {
  return sigmoid(z) * sigmoid(-z);
}
