// The pivot is 0, for statistics without a pivot. Where elements are scaled, compilers must not
// know it: without a difference they would square the factors of a scaled element one by one.
// Expects: loop/cursor, loop/uniforms, vector/*.
fn choosePivot(start: Cursor, job: Job, scale: PerGroup) -> PerGroup {
  return select(keptPerGroup(PerGroup(0.0)), PerGroup(0.0), scale == PerGroup(1.0));
}
