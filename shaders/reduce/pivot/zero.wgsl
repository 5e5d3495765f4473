// The pivot is 0, for statistics without a pivot.
// Expects: loop/cursor, vector/*.
fn choosePivot(start: Cursor, job: Job) -> PerGroup {
  return PerGroup(0.0);
}
