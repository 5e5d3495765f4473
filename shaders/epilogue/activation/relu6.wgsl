// The activation is min(max(z, 0), 6). NaN stays NaN.
// Expects: epilogue/parameters/*, vector/*.
fn activation(z: Vec, p: Parameters) -> Vec {
  return nanOr(z, clamp(z, Vec(0.0), Vec(6.0)));
}
