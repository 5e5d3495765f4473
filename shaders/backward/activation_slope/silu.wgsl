// The slope is the derivative of z * sigmoid(z).
// Expects: epilogue/affine, epilogue/sigmoid, vector/*.
fn activationSlope(z: Vec, p: Parameters) -> Vec {
  let s = sigmoid(z);
  return s + z * s * sigmoid(-z);
}
