// The pivot is the mean of the valid elements in the team's registers. Where all are equal, it may
// be off by a few units in the last place (reduce/accumulate/registers.wgsl).
// Expects: loop/cursor, mask/registers, mask/rules, reduce/state, reduce/team/*, vector/*.
fn choosePivot(start: Cursor, job: Job, scale: PerGroup) -> PerGroup {
  var sum = Vec(0.0);
  var weight = Vec(0.0);
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (isOwn(i, start)) {
      let w = weightRegisters[i];
      sum += select(Vec(0.0), registers[i] * scale * w, w > Vec(0.0));
      weight += w;
    }
  }
  let all = combineSums(Sums(sumPerGroup(sum), sumPerGroup(weight)), job, false);
  groupWeight = Vec(all.second);
  return finiteOrZero(all.first / countOfGroup());
}
