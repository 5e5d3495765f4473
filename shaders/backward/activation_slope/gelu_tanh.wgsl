// The slope of GELU's approximation by tanh.
// Expects: activation/gelu_tanh.
fn slope(z: Wide, p: Parameters) -> Wide {
  let near = clamp(z, Wide(-20.0), Wide(20.0)); // beyond, the slope is 0 or 1, and squares would overflow
  let t = inner(near);
  let s = sigmoid(t);
  let inward = 1.5957691216057308 * (1.0 + 0.134145 * near * near);
  return select(z, s + near * s * sigmoid(-t) * inward, abs(z) >= Wide(0.0));
}
