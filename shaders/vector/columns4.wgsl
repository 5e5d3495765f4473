// A vector lies across four neighbouring groups (columns), so each lane has its own statistics.
// Expects nothing.
alias Vec = vec4f; // the elements of a vector, as f32
alias PerGroup = vec4f;
const ELEMENTS_PER_GROUP = 1u;
const GROUPS_PER_VECTOR = 4u;

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
  return stat[index];
}
