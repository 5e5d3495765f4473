// The factor is the deviation itself, because ONNX's MeanVarianceNormalization adds its epsilon to
// it.
// Expects: reduce/state, vector/*.
const SMALL_EPS = 9e-13f; // beside a larger eps, sums below the least do not matter

fn normalizerFrom(m: Moments, scale: PerGroup) -> Normalizer {
  return makeNormalizer(Vec(m.pivot), Vec(m.delta), Vec(sqrt(m.m2 / m.n) / scale));
}
