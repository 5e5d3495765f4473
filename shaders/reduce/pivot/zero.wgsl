// Pivot: none.
// Expects: loop/cursor, vector/*.
fn choosePivot(start: Cursor, job: Job) -> PerGroup {
  return PerGroup(0.0);
}
