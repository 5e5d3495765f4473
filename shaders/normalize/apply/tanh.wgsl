// The normalized x of dynamic tanh: tanh(factor x).
// Expects: hyperbolic, moments.
fn normalized(x: Wide, k: Known) -> Wide {
  return hyperbolic(k.factor * x);
}
