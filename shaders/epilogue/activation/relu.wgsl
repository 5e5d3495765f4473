// The activation is max(z, 0). NaN stays NaN.
// Expects: epilogue/parameters/*, vector/*.
fn activation(z: Vec, p: Parameters) -> Vec {
  return nanOr(z, max(z, Vec(0.0)));
}
