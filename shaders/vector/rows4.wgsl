// A vector lies in one group (rows), so its four lanes share their statistics.
// Expects nothing.
alias Vec = vec4f; // the elements of a vector, as f32
alias PerGroup = f32;
const ELEMENTS_PER_GROUP = 4u;
const GROUPS_PER_VECTOR = 1u;

fn firstPerGroup(wide: Vec) -> PerGroup {
  return wide.x;
}

fn sumPerGroup(wide: Vec) -> PerGroup {
  return (wide.x + wide.y) + (wide.z + wide.w);
}

fn maxPerGroup(wide: Vec) -> PerGroup {
  let pair = select(wide.zw + wide.xy, wide.zw, wide.zw >= wide.xy);
  let two = select(pair, wide.xy, wide.xy > wide.zw);
  return select(select(two.x + two.y, two.y, two.y >= two.x), two.x, two.x > two.y);
}

fn groupValue(stat: PerGroup, index: u32) -> f32 {
  return stat;
}
