// The factor of y: 1 / (deviation + eps), as ONNX's MeanVarianceNormalization.
// Expects: params, moments.
fn scaleOf(m: Moments) -> Stat {
  return 1.0 / (sqrt(m.m2 / m.n) + params.eps);
}
