// The slope is the derivative of z * sigmoid(alpha z).
// Expects: epilogue/parameters/*, epilogue/sigmoid, loop/uniforms, vector/*.
fn activationSlope(z: Vec, p: Parameters) -> Vec {
  let t = clamp(params.alpha * z, Vec(-88.0), Vec(88.0)); // outside, the slope is 0 or 1
  let s = sigmoid(t);
  return nanOr(z, s + t * s * sigmoid(-t));
}
