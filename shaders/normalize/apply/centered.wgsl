// The normalized x: ((x - pivot) - delta) * factor.
// Expects: moments.
fn normalized(x: Wide, k: Known) -> Wide {
  return ((x - k.pivot) - k.delta) * k.factor;
}
