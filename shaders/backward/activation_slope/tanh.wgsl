// The slope of tanh(z).
// Expects: hyperbolic_slope, parameters.
fn activationSlope(z: Vec, p: Parameters) -> Vec {
  return stableTanhSlope(z);
}
