// Pivot: the largest of what an invocation holds in registers, finite as in pivot/largest.wgsl.
// Expects: walk, measure/held, a stat/*, moments.
fn pivotOf(start: Cursor, job: Job) -> Stat {
  var most = Wide(-LARGEST);
  for (var i = 0u; i < HELD; i++) {
    if (i < start.left) {
      most = max(most, held[i]);
    }
  }
  return foldLargest(most);
}
