// The gradient goes through the p-norm: dx = factor (g - sign(x) |u|^(p - 1) sum(g u)). A clamped
// norm is constant.
// Expects: loop/uniforms, normalize/stable_power, reduce/state, vector/*.
fn inputGradient(g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  let power = stablePower(abs(u), params.exponent - 1.0);
  let through = select(sign(x) * power * s.second, Vec(0.0), k.pivot < Vec(params.eps));
  return k.factor * (g - through);
}
