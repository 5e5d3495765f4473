// Kept dimensions: any number.
// Expects: walk, locate.
fn groupOffsets(base: Offsets, group: u32) -> Offsets {
  return offsetsOfIndex(base, group, 0u, params.keptRank);
}
