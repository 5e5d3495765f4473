// Pivot: the largest element, finite, so that a share of nothing but -infinity adds nothing to others.
// Expects: walk, a source/*, a stat/*, moments.
fn pivotOf(start: Cursor, job: Job) -> Stat {
  var most = Wide(-LARGEST);
  for (var c = start; c.left > 0u;) {
    let n = span(c);
    for (var i = 0u; i < n; i++) {
      most = max(most, value(placeAt(c, i)));
    }
    c = skip(c, n, job);
  }
  return foldLargest(most);
}
