// The factor of y: 1 / max(norm, eps), where max() would swallow NaN.
// Expects: params, moments, a magnitude/*.
fn scaleOf(m: Moments) -> Stat {
  let norm = normOf(m.m2);
  return 1.0 / select(norm, Stat(params.eps), norm < Stat(params.eps));
}
