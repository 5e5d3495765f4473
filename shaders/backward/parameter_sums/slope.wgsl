// These summands give the gradient of prelu's slopes: dy z, where z is not above 0.
// Expects: backward/dy/*, epilogue/affine, epilogue/parameters/*, loop/operands, normalize/apply/*,
//   normalize/stored/*, reduce/source/*, reduce/state, vector/*.
fn gradientSummands(at: Offsets, k: Normalizer, p: Parameters) -> Summands {
  let u = applyNormalizer(elementAt(at), normalizerAt(at.statistics));
  let z = applyModulation(applyThreshold(u, p), p);
  return Summands(select(gradientAt(at) * z, Vec(0.0), z > Vec(0.0)), Vec(0.0));
}
