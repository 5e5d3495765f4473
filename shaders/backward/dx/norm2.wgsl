// The gradient goes through the Euclidean norm: dx = factor (g - u sum(g u)). A clamped norm is
// constant.
// Expects: loop/uniforms, reduce/state, vector/*.
fn inputGradient(g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  let through = select(u * s.second, Vec(0.0), k.pivot < Vec(params.eps));
  return k.factor * (g - through);
}
