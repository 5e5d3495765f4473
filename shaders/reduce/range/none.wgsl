// The sums stay in range as they are.
// Expects: reduce/state, vector/*.
fn scaleOf(sum: PerGroup, mean: PerGroup) -> PerGroup {
  return PerGroup(1.0);
}

fn partialOf(m: Moments, scale: PerGroup) -> PerGroup {
  return m.m2;
}

fn sumOfPartial(r: vec4f, scale: PerGroup) -> PerGroup {
  return PerGroup(r.z);
}
