// A vector's four lanes belong to one group.
// Expects: vector/*.
fn sumBitsPerGroup(wide: VecBits) -> PerGroupBits {
  return (wide.x + wide.y) + (wide.z + wide.w);
}

fn bitsOfGroup(bits: PerGroupBits, index: u32) -> u32 {
  return bits;
}
