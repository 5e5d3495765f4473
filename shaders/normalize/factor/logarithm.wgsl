// The logarithm of a sum; of 0 -infinity, so that nothing but -infinity gives NaN; log(NaN) is not to be
// relied on.
// Expects: moments.
fn knownOf(m: Moments) -> Known {
  let ofNothing = select(m.m2, -1.0 / m.m2, m.m2 == Stat(0.0));
  let logarithm = select(ofNothing, log(m.m2), m.m2 > Stat(0.0));
  return known3(Wide(m.pivot), Wide(0.0), Wide(logarithm));
}
