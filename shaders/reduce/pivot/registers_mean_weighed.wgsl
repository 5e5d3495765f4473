// The pivot is the mean of the valid elements in the team's registers. It is exact if all are equal,
// since their differences from one of them are summed.
// Expects: loop/cursor, mask/registers, reduce/count/*, reduce/state, reduce/team/*,
//   vector/*.
fn choosePivot(start: Cursor, job: Job, n: PerGroup, scale: PerGroup) -> PerGroup {
  let origin = finiteOrZero(validElement) * scale;
  var sum = Vec(0.0);
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (isOwn(i, start)) {
      let w = weightRegisters[i];
      sum += select(Vec(0.0), (registers[i] * scale - origin) * w, w > Vec(0.0));
    }
  }
  let own = Sums(sumPerGroup(sum), PerGroup(0.0));
  return finiteOrZero(origin + combineSums(own, job, false).first / n);
}
