// The gradient goes through bend(factor x + pivot) with a given factor and pivot.
// Expects: normalize/bend/*, reduce/state, vector/*.
fn inputGradient(g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  return g * k.factor * bendSlope(k.factor * x + k.pivot);
}
