// The gradient goes through mean and corrected deviation: dx = factor (g - mean(g) - xhat sum(g u) /
// (n - correction)), where xhat is (x - mean) / deviation. A deviation of 0 passes no gradient.
// Expects: loop/uniforms, reduce/state, vector/*.
fn inputGradient(g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  let deviation = 1.0 / k.factor - params.eps;
  let second = s.second / params.count * params.correctionScale;
  let through = select(u / (k.factor * deviation) * second, Vec(0.0), deviation <= Vec(0.0));
  return k.factor * ((g - s.first / params.count) - through);
}
