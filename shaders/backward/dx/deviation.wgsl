// The gradient goes through mean and deviation: dx = (g - mean(g) - xhat mean(g u)) / (deviation +
// eps), where xhat is (x - mean) / deviation. A deviation of 0 passes no gradient.
// Expects: loop/uniforms, reduce/state, vector/*.
fn inputGradient(g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  let xhat = ((x - k.pivot) - k.delta) / k.factor;
  let through = select(xhat * (s.second / params.count), Vec(0.0), k.factor == Vec(0.0));
  return (1.0 / (k.factor + params.eps)) * ((g - s.first / params.count) - through);
}
