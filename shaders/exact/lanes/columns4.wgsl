// A vector's four lanes belong to four groups.
// Expects: vector/*.
fn sumBitsPerGroup(wide: VecBits) -> PerGroupBits {
  return wide;
}

fn bitsOfGroup(bits: PerGroupBits, index: u32) -> u32 {
  return bits[index];
}
