// The normalized x: x * factor.
// Expects: moments.
fn normalized(x: Wide, k: Known) -> Wide {
  return x * k.factor;
}
