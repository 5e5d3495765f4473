// The gradient goes through mean and corrected variance: dx = factor (g - mean(g) - u sum(g u) / (n
// - correction)).
// Expects: loop/uniforms, reduce/state, vector/*.
fn inputGradient(g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  let second = s.second / params.count * params.correctionScale;
  return k.factor * ((g - s.first / params.count) - u * second);
}
