// The gradient goes through the p-norm: dx = factor (g - sign(x) |u|^(p - 1) sum(g u)). A clamped
// norm is constant.
// Expects: loop/uniforms, reduce/state, vector/*.
fn inputGradient(g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  let a = abs(u);
  let power = select(a, exp2((params.exponent - 1.0) * log2(a)), a >= Vec(1.1754944e-38));
  let through = select(sign(x) * power * s.second, Vec(0.0), k.pivot < Vec(params.eps));
  return k.factor * (g - through);
}
