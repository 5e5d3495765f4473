// A sum of magnitudes may leave the range of f32 where its root does not: squares do beyond 1.8e19
// and below 1e-19. The partial of scaled elements is therefore minus the root of their mean,
// without the scale.
// Expects: loop/uniforms, reduce/magnitude/*, reduce/state, vector/*.
fn partialOf(m: Moments, scale: PerGroup) -> PerGroup {
  return select(-rootOf(m.m2 / max(m.n, PerGroup(1.0))) / scale, m.m2, scale == PerGroup(1.0));
}

fn sumOfPartial(r: vec4f, scale: PerGroup) -> PerGroup {
  let sum = PerGroup(r.z);
  let root = keptPerGroup(select(rootOf(sum / max(r.w, 1.0)), -sum, sum < PerGroup(0.0)) * scale);
  let plain = (scale == PerGroup(1.0)) & (sum >= PerGroup(0.0));
  return select(r.w * firstPerGroup(magnitude(Vec(root))), sum, plain);
}
