// Kept dimensions: one at most.
// Expects: walk.
fn groupOffsets(base: Offsets, group: u32) -> Offsets {
  return offsetBy(base, params.dims[0], group);
}
