// A vector lies in one group (rows), so its four lanes share their statistics.
// Expects nothing.
alias Vec = vec4f; // the elements of a vector, as f32
alias PerGroup = f32;
alias VecBits = vec4u;
alias PerGroupBits = u32;
const ELEMENTS_PER_GROUP = 4u;
const GROUPS_PER_VECTOR = 1u;

fn firstPerGroup(wide: Vec) -> PerGroup {
  return wide.x;
}

fn sumPerGroup(wide: Vec) -> PerGroup {
  return (wide.x + wide.y) + (wide.z + wide.w);
}

fn maxPerGroup(wide: Vec) -> PerGroup {
  let largest = max(max(wide.x, wide.y), max(wide.z, wide.w));
  return nanOrPerGroup(sumPerGroup(wide), largest);
}

fn vecOf(lanes: vec4f) -> Vec {
  return lanes;
}

fn groupValue(stat: PerGroup, index: u32) -> f32 {
  return stat;
}

// The result is x where x is NaN. Bits show that, since compilers may take it that no comparison
// meets NaN (NVIDIA's do).
fn nanOr(x: Vec, otherwise: Vec) -> Vec {
  return select(otherwise, x, (bitcast<vec4u>(x) & vec4u(0x7fffffffu)) > vec4u(0x7f800000u));
}

fn nanOrPerGroup(x: PerGroup, otherwise: PerGroup) -> PerGroup {
  return select(otherwise, x, (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u);
}
