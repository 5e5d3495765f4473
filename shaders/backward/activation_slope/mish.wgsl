// The slope is n / (n + 2) + 4 z e (e + 1) / (n + 2)^2, where n = e (e + 2) and e = exp(z).
// Expects: epilogue/parameters/*, vector/*.
fn activationSlope(z: Vec, p: Parameters) -> Vec {
  let near = clamp(z, Vec(-87.0), Vec(20.0)); // outside, the slope is 0 or 1
  let e = exp(near);
  let m = e * (e + 2.0) + 2.0;
  return nanOr(z, 1.0 - 2.0 / m + near * (4.0 * e / m) * ((e + 1.0) / m));
}
