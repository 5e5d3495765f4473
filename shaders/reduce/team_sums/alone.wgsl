// Sums of a team of one.
// Expects: loop/cursor, reduce/state.
fn combineSums(s: Sums, job: Job) -> Sums {
  return s;
}
