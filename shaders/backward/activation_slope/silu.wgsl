// The slope of z * sigmoid(z).
// Expects: sigmoid, parameters.
fn activationSlope(z: Vec, p: Parameters) -> Vec {
  let s = sigmoid(z);
  return s + z * s * sigmoid(-z);
}
