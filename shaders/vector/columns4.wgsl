// A vector lies across four neighbouring groups (columns), so each lane has its own statistics.
// Expects nothing.
alias Vec = vec4f; // the elements of a vector, as f32
alias PerGroup = vec4f;
alias VecBits = vec4u;
alias PerGroupBits = vec4u;
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

fn vecOf(lanes: vec4f) -> Vec {
  return lanes;
}

fn groupValue(stat: PerGroup, index: u32) -> f32 {
  return stat[index];
}

// The result is x where x is NaN. Bits show that, since compilers may take it that no comparison
// meets NaN (NVIDIA's do).
fn nanOr(x: Vec, otherwise: Vec) -> Vec {
  return select(otherwise, x, (bitcast<vec4u>(x) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u));
}

fn nanOrPerGroup(x: PerGroup, otherwise: PerGroup) -> PerGroup {
  return select(otherwise, x, (bitcast<vec4u>(x) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u));
}
