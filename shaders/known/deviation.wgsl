// The factor of y: 1 / (deviation + eps), as ONNX's MeanVarianceNormalization.
// Expects: params, moments.
fn knownOf(m: Moments) -> Known {
  let factor = 1.0 / (sqrt(m.m2 / m.n) + params.eps);
  return known3(Wide(m.pivot), Wide(m.delta), Wide(factor));
}
