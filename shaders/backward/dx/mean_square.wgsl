// The gradient goes through the mean square: dx = factor (g - u mean(g u)).
// Expects: loop/uniforms, reduce/state, vector/*.
fn inputGradient(g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  return k.factor * (g - u * (s.second / params.count));
}
