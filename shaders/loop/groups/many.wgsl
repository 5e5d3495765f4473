// This file locates a group along any number of kept dimensions.
// Expects: loop/locate, loop/operands.
override KEPT_RANK = 2u;

fn groupOffsets(base: Offsets, group: u32) -> Offsets {
  return offsetsOfIndex(base, group, 0u, KEPT_RANK);
}
