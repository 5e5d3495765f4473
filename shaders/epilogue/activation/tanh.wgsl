// Activation: tanh(z).
// Expects: hyperbolic, parameters.
fn activated(z: Wide, p: Parameters) -> Wide {
  return hyperbolic(z);
}
