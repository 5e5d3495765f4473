// The statistics do not depend on x here: dx = factor g.
// Expects: reduce/state, vector/*.
fn inputGradient(g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  return k.factor * g;
}
