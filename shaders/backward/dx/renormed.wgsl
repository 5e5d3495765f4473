// The gradient goes through mean and variance, while gain and offset are constants: dx = gain
// factor (g - mean(g) - xhat mean(g xhat)).
// Expects: loop/uniforms, reduce/state, vector/*.
fn normalizePlain(x: Vec, k: Normalizer) -> Vec {
  return ((x - k.pivot) - k.delta) * k.factor;
}

fn inputGradient(g: Vec, u: Vec, x: Vec, k: Normalizer, s: Summands) -> Vec {
  let centered = (g - s.first / params.count) - normalizePlain(x, k) * (s.second / params.count);
  return k.gain * k.factor * centered;
}
