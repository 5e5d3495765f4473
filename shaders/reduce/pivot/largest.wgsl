// The pivot is the largest element of the job. It is finite, so that a share of -infinity alone
// adds nothing to the others.
// Expects: io/elements, loop/cursor, reduce/state, reduce/team/*, vector/*.
fn choosePivot(start: Cursor, job: Job, scale: PerGroup) -> PerGroup {
  var most = Vec(-LARGEST);
  for (var c = start; c.left > 0u;) {
    let n = innerSteps(c);
    if (BY_FOUR) {
      for (var i = 0u; i < n; i += 4u) { // the last vector stands for those beyond
        let a = elementAt(offsetsAt(c, i));
        let b = elementAt(offsetsAt(c, min(i + 1u, n - 1u)));
        let d = elementAt(offsetsAt(c, min(i + 2u, n - 1u)));
        let e = elementAt(offsetsAt(c, min(i + 3u, n - 1u)));
        most = max(most, max(max(a, b), max(d, e)));
      }
    } else {
      for (var i = 0u; i < n; i++) {
        most = max(most, elementAt(offsetsAt(c, i)));
      }
    }
    if (SHORT) {
      break;
    }
    c = advance(c, n, job);
  }
  return combineSums(Sums(maxPerGroup(most), PerGroup(0.0)), job, true).first;
}
