// The pivot is the mean of a few elements, from all over the first inner loop. A team of several
// reads one vector each, since loads that wait for each other take long. The mean is exact if all
// are equal, since differences from the job's first element are summed.
// Expects: io/elements, loop/cursor, reduce/state, reduce/team/*, vector/*.
override SAMPLES = max(1u, select(8u, 8u / ELEMENTS_PER_GROUP, SHORT) / TEAM); // vectors of an invocation

fn choosePivot(start: Cursor, job: Job, scale: PerGroup) -> PerGroup {
  let origin = firstPerGroup(elementAt(firstOffsets(job)));
  var own = Sums();
  if (start.left > 0u) {
    let apart = innerSteps(start) / (SAMPLES * TEAM);
    var sum = Vec(0.0);
    for (var i = 0u; i < SAMPLES; i++) {
      sum += elementAt(offsetsAt(start, (job.rank * SAMPLES + i) * apart)) - origin;
    }
    own = Sums(sumPerGroup(sum), PerGroup(f32(SAMPLES * ELEMENTS_PER_GROUP)));
  }
  let all = combineSums(own, job, false);
  return finiteOrZero(origin + all.first / max(all.second, PerGroup(1.0)));
}
