// A vector has four elements, of one group or of four.
// Expects: vector/*.
const LANES = 4u;

fn laneOf(bits: VecBits, lane: u32) -> u32 {
  return bits[lane];
}
