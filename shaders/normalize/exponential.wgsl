// Expects: a stat/*.

// Of what is at most 0. NaN stays NaN: exp(NaN) is infinity on SwiftShader.
fn exponential(t: Wide) -> Wide {
  return select(t, exp(t), t <= Wide(0.0));
}
