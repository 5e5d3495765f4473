// The pivot is the mean of a few valid elements, from all over the first inner loop. Where these
// are masked it is 0, and later rounds have a better one. It is exact if all are equal, since their
// differences from one of them are summed: rounded, it would be far from small elements once they
// are scaled.
// Expects: io/elements, loop/cursor, mask/weight/*, reduce/state, reduce/team/*, vector/*.
override SAMPLES = max(1u, select(8u, 8u / ELEMENTS_PER_GROUP, SHORT) / TEAM); // vectors of an invocation

fn choosePivot(start: Cursor, job: Job, scale: PerGroup) -> PerGroup {
  let apart = innerSteps(start) / (SAMPLES * TEAM);
  var most = Vec(-LARGEST);
  var valid = Vec(0.0);
  for (var i = 0u; i < SAMPLES && start.left > 0u; i++) {
    let at = offsetsAt(start, (job.rank * SAMPLES + i) * apart);
    let counts = maskAt(at) > Vec(0.0);
    most = select(most, max(most, elementAt(at)), counts);
    valid += select(Vec(0.0), Vec(1.0), counts);
  }
  let all = combineSums(Sums(maxPerGroup(most), sumPerGroup(valid)), job, true);
  let origin = finiteOrZero(select(all.first, PerGroup(0.0), all.second == PerGroup(0.0)));
  var sum = Vec(0.0);
  for (var i = 0u; i < SAMPLES && start.left > 0u; i++) {
    let at = offsetsAt(start, (job.rank * SAMPLES + i) * apart);
    sum += select(Vec(0.0), elementAt(at) - origin, maskAt(at) > Vec(0.0));
  }
  let own = Sums(sumPerGroup(sum), PerGroup(0.0));
  return finiteOrZero(origin + combineSums(own, job, false).first / max(all.second, PerGroup(1.0)));
}
