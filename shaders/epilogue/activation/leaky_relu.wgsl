// The activation is z above 0 and z times the slope below: one number, or an array of prelu's.
// Expects: epilogue/parameters/*, vector/*.
fn activation(z: Vec, p: Parameters) -> Vec {
  return select(z * p.slope, z, z > Vec(0.0));
}
