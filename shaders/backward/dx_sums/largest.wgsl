// What dx needs to know of all elements where the statistic is the largest magnitude: how many have it, and the sum of g u.
// Expects: moments.
fn sumTerms(g: Wide, u: Wide, x: Wide, k: Known) -> Terms {
  return Terms(select(Wide(0.0), Wide(1.0), abs(x) == k.pivot), g * u);
}
