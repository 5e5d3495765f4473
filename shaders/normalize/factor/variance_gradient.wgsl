// The factor is that of x - mean in the gradient of the variance, 2 / (n - correction). The offset
// is an element's share of the mean, 1 / n.
// Expects: loop/uniforms, reduce/state, vector/*.
const SMALL_EPS = 0.0f; // the sum of squares is not used

fn normalizerFrom(m: Moments, scale: PerGroup) -> Normalizer {
  let factor = Vec(2.0 / max(m.n - params.correction, PerGroup(0.0)));
  return Normalizer(Vec(m.pivot), Vec(m.delta), factor, Vec(1.0), Vec(1.0 / m.n));
}
