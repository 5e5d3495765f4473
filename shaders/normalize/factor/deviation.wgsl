// The deviation itself, as ONNX's MeanVarianceNormalization adds its epsilon to it.
// Expects: params, moments.
fn knownOf(m: Moments) -> Known {
  return known3(Wide(m.pivot), Wide(m.delta), Wide(sqrt(m.m2 / m.n)));
}
