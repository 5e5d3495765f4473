// The slope of tanh(z).
// Expects: hyperbolic_slope, parameters.
fn slope(z: Wide, p: Parameters) -> Wide {
  return hyperbolicSlope(z);
}
