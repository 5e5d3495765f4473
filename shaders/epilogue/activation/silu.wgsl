// Activation: z * sigmoid(z).
// Expects: sigmoid, parameters.
fn activated(z: Wide, p: Parameters) -> Wide {
  return z * sigmoid(z);
}
