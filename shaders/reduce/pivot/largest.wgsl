// The pivot is the largest element. It is finite, so that a share of -infinity alone adds nothing
// to the others.
// Expects: io/elements, loop/cursor, loop/outer/*, reduce/state, vector/*.
fn choosePivot(start: Cursor, job: Job) -> PerGroup {
  var most = Vec(-LARGEST);
  for (var c = start; c.left > 0u;) {
    let n = innerSteps(c);
    for (var i = 0u; i < n; i++) {
      most = max(most, elementAt(offsetsAt(c, i)));
    }
    c = advance(c, n, job);
  }
  return maxPerGroup(most);
}
