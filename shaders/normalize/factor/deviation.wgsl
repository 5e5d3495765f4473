// The deviation itself, as ONNX's MeanVarianceNormalization adds its epsilon to it.
// Expects: params, moments.
fn normalizerFrom(m: Moments) -> Normalizer {
  return makeNormalizer(Vec(m.pivot), Vec(m.delta), Vec(sqrt(m.m2 / m.n)));
}
