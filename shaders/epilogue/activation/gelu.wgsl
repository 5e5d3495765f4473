// The activation is GELU, z * P(Z < z) for a standard normal Z (Hendrycks & Gimpel 2016).
// Expects: epilogue/parameters/*, normalize/erfc, vector/*.
fn geluBelow(z: Vec) -> Vec {
  let upper = 0.5 * erfc(min(abs(z), Vec(13.0)) * 0.70710678);
  return select(select(upper, 1.0 - upper, z > Vec(0.0)), Vec(0.0), z < Vec(-13.0));
}

fn activation(z: Vec, p: Parameters) -> Vec {
  return z * geluBelow(z);
}
