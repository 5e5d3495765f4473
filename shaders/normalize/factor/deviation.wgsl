// The factor is the deviation itself, because ONNX's MeanVarianceNormalization adds its epsilon to
// it.
// Expects: reduce/state, vector/*.
fn normalizerFrom(m: Moments) -> Normalizer {
  return makeNormalizer(Vec(m.pivot), Vec(m.delta), Vec(sqrt(m.m2 / m.n)));
}
