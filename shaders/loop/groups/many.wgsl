// Kept dimensions: any number.
// Expects: loop/locate, loop/operands, loop/uniforms.
fn groupOffsets(base: Offsets, group: u32) -> Offsets {
  return offsetsOfIndex(base, group, 0u, params.keptRank);
}
