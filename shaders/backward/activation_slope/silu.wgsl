// The slope of z * sigmoid(z).
// Expects: sigmoid, parameters.
fn slope(z: Wide, p: Parameters) -> Wide {
  let s = sigmoid(z);
  return s + z * s * sigmoid(-z);
}
