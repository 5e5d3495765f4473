// The slope is the derivative of z * min(max(z + 3, 0), 6) / 6.
// Expects: epilogue/parameters/*, vector/*.
fn activationSlope(z: Vec, p: Parameters) -> Vec {
  let inside = z / 3.0 + 0.5;
  let slope = select(select(inside, Vec(1.0), z > Vec(3.0)), Vec(0.0), z < Vec(-3.0));
  return nanOr(z, slope);
}
