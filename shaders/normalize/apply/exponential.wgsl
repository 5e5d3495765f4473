// The normalized x: exp(x - pivot) * factor.
// Expects: exponential, moments.
fn normalized(x: Wide, k: Known) -> Wide {
  return exponential(x - k.pivot) * k.factor;
}
