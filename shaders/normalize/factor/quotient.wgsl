// The factor of y: 1 / max(norm, eps), where max() would swallow NaN; the pivot is the norm.
// Expects: params, moments, a magnitude/*.
fn knownOf(m: Moments) -> Known {
  let norm = normOf(m.m2);
  let factor = 1.0 / select(norm, Stat(params.eps), norm < Stat(params.eps));
  return known3(Wide(norm), Wide(0.0), Wide(factor));
}
