// The activation is z * min(max(z + 3, 0), 6) / 6 (Howard et al. 2019), so z itself above 3.
// Expects: epilogue/parameters/*, vector/*.
fn activation(z: Vec, p: Parameters) -> Vec {
  let gate = select(z + 3.0, Vec(0.0), z < Vec(-3.0));
  return select(z * gate / 6.0, z, z > Vec(3.0));
}
