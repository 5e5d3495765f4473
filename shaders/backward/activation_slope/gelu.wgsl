// The slope of GELU.
// Expects: activation/gelu.
fn slope(z: Wide, p: Parameters) -> Wide {
  let near = clamp(z, Wide(-13.0), Wide(13.0));
  let s = below(near) + near * 0.3989422804014327 * exp(-0.5 * near * near);
  return select(z, s, abs(z) >= Wide(0.0));
}
