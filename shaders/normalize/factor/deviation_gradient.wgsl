// The factor is that of x - mean in the gradient of the standard deviation, 1 / (n - correction) /
// deviation. A deviation of 0 passes no gradient, as in PyTorch.
// Expects: loop/uniforms, reduce/state, vector/*.
const SMALL_EPS = 1e-22f; // the sum of squares must not underflow, whatever is added to it

fn normalizerFrom(m: Moments, scale: PerGroup) -> Normalizer {
  let n = max(m.n - params.correction, PerGroup(0.0));
  let spread = sqrt(m.m2 / n);
  let slope = scale * (1.0 / n / spread);
  let finite = select(min(slope, PerGroup(LARGEST)), PerGroup(0.0), spread == PerGroup(0.0));
  let factor = nanOrPerGroup(slope, finite); // a compiler may take NaN for the larger number
  return makeNormalizer(Vec(m.pivot), Vec(m.delta), Vec(factor));
}
