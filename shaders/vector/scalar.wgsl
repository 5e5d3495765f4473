// A vector is one element of one group.
// Expects nothing.
alias Vec = f32; // the elements of a vector, as f32
alias PerGroup = f32;
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

fn groupValue(stat: PerGroup, index: u32) -> f32 {
  return stat;
}
