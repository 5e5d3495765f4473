// A vector is one element of one group.
// Expects nothing.
alias Vec = f32; // the elements of a vector, as f32
alias PerGroup = f32;
alias VecBits = u32;
alias PerGroupBits = u32;
const ELEMENTS_PER_GROUP = 1u; // lanes of a vector that share statistics
const GROUPS_PER_VECTOR = 1u; // groups that a vector lies across

fn firstPerGroup(wide: Vec) -> PerGroup {
  return wide;
}

fn sumPerGroup(wide: Vec) -> PerGroup {
  return wide;
}

fn maxPerGroup(wide: Vec) -> PerGroup {
  return wide;
}

fn vecOf(lanes: vec4f) -> Vec {
  return lanes.x;
}

fn groupValue(stat: PerGroup, index: u32) -> f32 {
  return stat;
}

// The result is x where x is NaN. Bits show that, since compilers may take it that no comparison
// meets NaN (NVIDIA's do).
fn nanOr(x: Vec, otherwise: Vec) -> Vec {
  return select(otherwise, x, (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u);
}

fn nanOrPerGroup(x: PerGroup, otherwise: PerGroup) -> PerGroup {
  return select(otherwise, x, (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u);
}
