// The pivot is the mean of the elements in the invocation's registers.
// Expects: loop/cursor, loop/registers, reduce/accumulate/registers, reduce/state, vector/*.
fn choosePivot(start: Cursor, job: Job) -> PerGroup {
  let origin = firstPerGroup(registers[0]);
  return finiteOrZero(origin + sumShare(start, job, origin, PerGroup(1.0)).first / f32(start.left * ELEMENTS_PER_GROUP));
}
