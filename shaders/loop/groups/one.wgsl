// This file locates a group along one kept dimension, or none.
// Expects: loop/operands, loop/uniforms.
fn groupOffsets(base: Offsets, group: u32) -> Offsets {
  return offsetBy(base, params.dims[0], group);
}
