// y = ((x - pivot) - delta) * scale * weight + bias.
// Expects: moments, parameters.
fn formed(x: Wide, m: Moments, scale: Stat, p: Parameters) -> Wide {
  var y = ((x - m.pivot) - m.delta) * scale;
  if (HAS_WEIGHT) {
    y *= p.weight;
  }
  if (HAS_BIAS) {
    y += p.bias;
  }
  return y;
}
