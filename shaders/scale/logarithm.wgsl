// The logarithm of a sum; of 0 -infinity, so that nothing but -infinity gives NaN; log(NaN) is not to be
// relied on.
// Expects: moments.
fn scaleOf(m: Moments) -> Stat {
  let ofNothing = select(m.m2, -1.0 / m.m2, m.m2 == Stat(0.0));
  return select(ofNothing, log(m.m2), m.m2 > Stat(0.0));
}
