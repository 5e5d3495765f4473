// Statistics: one a group, packs of one element.
// Expects nothing.
alias Vec = f32; // the elements of a pack, for arithmetic
alias PerGroup = f32;
const ELEMENTS_PER_GROUP = 1u; // elements of a pack that share statistics
const GROUPS_PER_VECTOR = 1u; // groups in a pack

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
