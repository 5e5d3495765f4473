// Expects: vector/*.

// The slope is the derivative of tanh(z), 1 - tanh(z)^2, without the cancellation.
fn stableTanhSlope(z: Vec) -> Vec {
  let e = exp(max(-2.0 * abs(z), Vec(-87.0)));
  let s = 4.0 * e / ((1.0 + e) * (1.0 + e));
  return nanOr(z, s);
}
