// These summands give the gradients of factor and pivot in bend(factor x + pivot).
// Expects: backward/chain, backward/dy/*, epilogue/parameters/*, loop/operands, normalize/apply/*,
//   normalize/bend/*, normalize/stored/*, reduce/source/*, reduce/state.
fn gradientSummands(at: Offsets, k: Normalizer, p: Parameters) -> Summands {
  let x = elementAt(at);
  let own = normalizerAt(at.statistics);
  let g = gradNormalized(gradientAt(at), applyNormalizer(x, own), p);
  let slope = g * bendSlope(own.factor * x + own.pivot);
  return Summands(slope * x, slope);
}
