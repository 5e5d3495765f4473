// The activation is min(max(alpha z + beta, 0), 1). NaN stays NaN.
// Expects: epilogue/parameters/*, loop/uniforms, vector/*.
fn activation(z: Vec, p: Parameters) -> Vec {
  return nanOr(z, clamp(params.alpha * z + params.beta, Vec(0.0), Vec(1.0)));
}
