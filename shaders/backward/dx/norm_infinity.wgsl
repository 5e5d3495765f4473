// The gradient goes through the largest absolute value. The elements that have this value share it:
// for them dx = factor (g - sign(x) sum(g u) / ties), for all others dx = factor g. A clamped norm
// is constant.
// Expects: loop/uniforms, reduce/state, vector/*.
fn inputGradient(g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  let constant = (abs(x) != k.pivot) | (k.pivot < Vec(params.eps));
  return k.factor * (g - select(sign(x) * (s.second / s.first), Vec(0.0), constant));
}
