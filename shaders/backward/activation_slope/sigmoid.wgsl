// The slope of sigmoid(z).
// Expects: sigmoid, parameters.
fn activationSlope(z: Vec, p: Parameters) -> Vec {
  return sigmoid(z) * sigmoid(-z);
}
