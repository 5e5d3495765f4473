// The slope is the derivative of sigmoid(z).
// Expects: epilogue/parameters/*, epilogue/sigmoid, vector/*.
fn activationSlope(z: Vec, p: Parameters) -> Vec {
  return sigmoid(z) * sigmoid(-z);
}
