// The activation is the approximation of GELU by tanh, 0.5 z (1 + tanh(t)) = z * sigmoid(2 t),
// where t = sqrt(2 / pi) (z + 0.044715 z^3) (Hendrycks & Gimpel 2016).
// Expects: epilogue/parameters/*, epilogue/sigmoid, vector/*.
fn tanhArgument(z: Vec) -> Vec {
  return 1.59576912 * z * (1.0 + 0.044715 * z * z);
}

fn activation(z: Vec, p: Parameters) -> Vec {
  return z * sigmoid(tanhArgument(z));
}
