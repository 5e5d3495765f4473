// The pivot is the mean of a few valid elements, from all over the first inner loop. Where these are
// masked it is 0, and later rounds have a better one.
// Expects: io/elements, loop/cursor, mask/weight/*, reduce/state, reduce/team/*, vector/*.
override SAMPLES = max(1u, select(8u, 8u / ELEMENTS_PER_GROUP, SHORT) / TEAM); // vectors of an invocation

fn choosePivot(start: Cursor, job: Job, n: PerGroup, scale: PerGroup) -> PerGroup {
  var sum = Vec(0.0);
  var valid = Vec(0.0);
  if (start.left > 0u) {
    let apart = innerSteps(start) / (SAMPLES * TEAM);
    for (var i = 0u; i < SAMPLES; i++) {
      let at = offsetsAt(start, (job.rank * SAMPLES + i) * apart);
      let counts = maskAt(at) > Vec(0.0);
      sum += select(Vec(0.0), elementAt(at), counts);
      valid += select(Vec(0.0), Vec(1.0), counts);
    }
  }
  let all = combineSums(Sums(sumPerGroup(sum), sumPerGroup(valid)), job, false);
  return finiteOrZero(all.first / max(all.second, PerGroup(1.0)));
}
