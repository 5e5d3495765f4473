// What dx needs to know of all elements where u is renormalized: the sums of g and of g times the plain normalized x.
// Expects: moments, gradient/renormed.
fn sumTerms(g: Wide, u: Wide, x: Wide, k: Known) -> Terms {
  return Terms(g, g * plain(x, k));
}
