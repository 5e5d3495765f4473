// The gradient goes through mean and variance: dx = factor (g - mean(g) - u mean(g u)).
// Expects: loop/uniforms, reduce/state, vector/*.
fn inputGradient(g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  return k.factor * ((g - s.first / params.count) - u * (s.second / params.count));
}
