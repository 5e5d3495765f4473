// The normalized x: x itself.
// Expects: moments.
fn normalized(x: Wide, k: Known) -> Wide {
  return x;
}
