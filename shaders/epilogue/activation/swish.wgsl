// The activation is z * sigmoid(alpha z). silu has 1 for alpha, quickGelu 1.702.
// Expects: epilogue/parameters/*, epilogue/sigmoid, loop/uniforms, vector/*.
fn activation(z: Vec, p: Parameters) -> Vec {
  return z * sigmoid(params.alpha * z);
}
