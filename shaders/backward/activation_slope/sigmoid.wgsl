// The slope of sigmoid(z).
// Expects: sigmoid, parameters.
fn slope(z: Wide, p: Parameters) -> Wide {
  return sigmoid(z) * sigmoid(-z);
}
