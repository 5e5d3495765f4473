// Pivot: the mean of what an invocation holds in registers.
// Expects: walk, measure/held, moments.
fn choosePivot(start: Cursor, job: Job) -> PerGroup {
  let origin = firstPerGroup(registers[0]);
  return finiteOrZero(origin + sumShare(start.left, origin).first / f32(start.left * ELEMENTS_PER_GROUP));
}
