// y = exp(x - pivot) * scale.
// Expects: moments, parameters.
fn formed(x: Wide, m: Moments, scale: Stat, p: Parameters) -> Wide {
  return exponential(x - m.pivot) * scale;
}
