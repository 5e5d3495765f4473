// The pivot is the largest element in the invocation's registers, finite as in pivot/largest.wgsl.
// Expects: loop/cursor, loop/registers, reduce/state, vector/*.
fn choosePivot(start: Cursor, job: Job) -> PerGroup {
  var most = Vec(-LARGEST);
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (i < start.left) {
      most = max(most, registers[i]);
    }
  }
  return maxPerGroup(most);
}
