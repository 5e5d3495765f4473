// The pivot is the largest element in the team's registers, finite as in pivot/largest.wgsl.
// Expects: loop/cursor, loop/registers, reduce/state, reduce/team/*, vector/*.
fn choosePivot(start: Cursor, job: Job, scale: PerGroup) -> PerGroup {
  var most = Vec(-LARGEST);
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (isOwn(i, start)) {
      most = max(most, registers[i]);
    }
  }
  return combineSums(Sums(maxPerGroup(most), PerGroup(0.0)), job, true).first;
}
