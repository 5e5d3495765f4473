// The normalized x: (x - pivot) - factor.
// Expects: moments.
fn normalized(x: Wide, k: Known) -> Wide {
  return (x - k.pivot) - k.factor;
}
