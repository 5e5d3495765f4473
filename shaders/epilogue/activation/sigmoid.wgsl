// Activation: 1 / (1 + exp(-z)).
// Expects: sigmoid, parameters.
fn activated(z: Wide, p: Parameters) -> Wide {
  return sigmoid(z);
}
