// The summands are the elements themselves.
// Expects: epilogue/parameters/*, io/elements, loop/operands, reduce/state.
fn gradientSummands(at: Offsets, k: Normalizer, p: Parameters) -> Summands {
  let v = elementAt(at);
  return Summands(v, v);
}
