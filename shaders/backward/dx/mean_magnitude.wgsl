// The gradient goes through the mean magnitude: dx = factor (g - sign(x) mean(g u)).
// Expects: loop/uniforms, reduce/state, vector/*.
fn inputGradient(g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  return k.factor * (g - sign(x) * (s.second / params.count));
}
