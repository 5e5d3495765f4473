// Activation: tanh(z).
// Expects: hyperbolic, parameters.
fn activation(z: Vec, p: Parameters) -> Vec {
  return stableTanh(z);
}
