// What dx needs to know of all elements: the sums of g and g u.
// Expects: moments.
fn sumTerms(g: Wide, u: Wide, x: Wide, k: Known) -> Terms {
  return Terms(g, g * u);
}
