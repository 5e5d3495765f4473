// Pivot: none.
// Expects: walk, moments.
fn pivotOf(start: Cursor, job: Job) -> Stat {
  return Stat(0.0);
}
