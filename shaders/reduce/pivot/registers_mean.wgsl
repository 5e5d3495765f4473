// Pivot: the mean of what an invocation holds in registers.
// Expects: walk, measure/held, moments.
fn pivotOf(start: Cursor, job: Job) -> Stat {
  let origin = lead(held[0]);
  return usable(origin + sums(start.left, origin).first / f32(start.left * PER_PACK));
}
