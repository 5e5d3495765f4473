// The normalized x of batch renormalization.
// Expects: moments.
fn normalized(x: Wide, k: Known) -> Wide {
  return ((x - k.pivot) - k.delta) * k.factor * k.gain + k.offset;
}
