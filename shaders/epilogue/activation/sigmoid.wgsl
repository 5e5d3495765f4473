// Activation: 1 / (1 + exp(-z)).
// Expects: sigmoid, parameters.
fn activation(z: Vec, p: Parameters) -> Vec {
  return sigmoid(z);
}
