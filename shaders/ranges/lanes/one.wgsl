// A vector has one element.
// Expects: vector/*.
const LANES = 1u;

fn laneOf(bits: VecBits, lane: u32) -> u32 {
  return bits;
}
