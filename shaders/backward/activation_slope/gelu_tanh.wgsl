// The slope is the derivative of GELU's approximation by tanh.
// Expects: epilogue/activation/gelu_tanh, epilogue/parameters/*, epilogue/sigmoid, vector/*.
fn activationSlope(z: Vec, p: Parameters) -> Vec {
  let near = clamp(z, Vec(-20.0), Vec(20.0)); // outside, squares would overflow; slope 0 or 1
  let t = tanhArgument(near);
  let s = sigmoid(t);
  let inward = 1.5957691216057308 * (1.0 + 0.134145 * near * near);
  return nanOr(z, s + near * s * sigmoid(-t) * inward);
}
