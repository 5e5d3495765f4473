// The pivot is the mean of the elements in the team's registers. It is exact if all are equal,
// since their differences from the job's first element are summed.
// Expects: io/elements, loop/cursor, loop/registers, reduce/source/summands, reduce/state,
//   reduce/team/*, vector/*.
fn choosePivot(start: Cursor, job: Job, scale: PerGroup) -> PerGroup {
  let origin = firstPerGroup(elementAt(firstOffsets(job))) * scale;
  var sum = Vec(0.0);
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (isOwn(i, start)) {
      sum += registers[i] * scale - origin;
    }
  }
  let own = Sums(sumPerGroup(sum), PerGroup(0.0));
  return finiteOrZero(origin + combineSums(own, job, false).first / elementCount(job));
}
