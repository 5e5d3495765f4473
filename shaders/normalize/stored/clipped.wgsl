// The factor is min(1, most / (norm + eps)), with a norm from the caller. NaN stays NaN.
// Expects: loop/uniforms, reduce/state, vector/*, tensor denominator.
fn normalizerAt(at: u32) -> Normalizer {
  let factor = params.maxGain / (load_denominator(params.givenFactor + at) + params.eps);
  return makeNormalizer(Vec(0.0), Vec(0.0), nanOr(factor, min(factor, Vec(1.0))));
}
