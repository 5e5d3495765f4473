// Gradient through the largest absolute value, which all that have it share: dx = factor (g - sign(x)
// sum(g u) / ties) for those, factor g for all others; a clamped norm is constant.
// Expects: params, moments.
fn outgoing(g: Wide, u: Wide, x: Wide, k: Known, s: Terms) -> Wide {
  let constant = (abs(x) != k.pivot) | (k.pivot < Wide(params.eps));
  return k.factor * (g - select(sign(x) * (s.second / s.first), Wide(0.0), constant));
}
