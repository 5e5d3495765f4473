// The pivot is 0, for statistics without a pivot.
// Expects: loop/cursor, vector/*.
fn choosePivot(start: Cursor, job: Job, n: f32, scale: PerGroup) -> PerGroup {
  return PerGroup(0.0);
}
