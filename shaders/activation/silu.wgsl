// Activation: z * sigmoid(z).
// Expects: sigmoid, parameters.
fn activated(z: Wide, p: Parameters) -> Wide {
  return z * sigmoid(z);
}

fn slope(z: Wide, p: Parameters) -> Wide {
  let s = sigmoid(z);
  return s + z * s * sigmoid(-z);
}
