// Activation: z * sigmoid(z).
// Expects: sigmoid, parameters.
fn activation(z: Vec, p: Parameters) -> Vec {
  return z * sigmoid(z);
}
