// The gradient goes through softmax: dx = u (g - sum(g u)).
// Expects: reduce/state, vector/*.
fn inputGradient(g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  return u * (g - s.second);
}
