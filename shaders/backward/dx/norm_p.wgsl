// Gradient through the p-norm: dx = factor (g - sign(x) |u|^(p - 1) sum(g u)); a clamped norm is constant.
// Expects: params, moments.
fn outgoing(g: Wide, u: Wide, x: Wide, k: Known, s: Terms) -> Wide {
  let a = abs(u);
  let power = select(exp2((params.exponent - 1.0) * log2(a)), a, a == Wide(0.0));
  let through = select(sign(x) * power * s.second, Wide(0.0), k.pivot < Wide(params.eps));
  return k.factor * (g - through);
}
