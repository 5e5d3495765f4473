// The activation is max(z, 0)^2. NaN stays NaN.
// Expects: epilogue/parameters/*, vector/*.
fn activation(z: Vec, p: Parameters) -> Vec {
  let r = nanOr(z, max(z, Vec(0.0)));
  return r * r;
}
