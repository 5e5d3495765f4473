// The slope is the derivative of tanh(z).
// Expects: epilogue/parameters/*, normalize/stable_tanh_slope, vector/*.
fn activationSlope(z: Vec, p: Parameters) -> Vec {
  return stableTanhSlope(z);
}
