// The activation is tanh(z).
// Expects: epilogue/parameters/*, normalize/stable_tanh, vector/*.
fn activation(z: Vec, p: Parameters) -> Vec {
  return stableTanh(z);
}
