// Pivot: none.
// Expects: walk, moments.
fn choosePivot(start: Cursor, job: Job) -> PerGroup {
  return PerGroup(0.0);
}
