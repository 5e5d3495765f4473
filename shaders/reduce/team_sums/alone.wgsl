// A team of one has nothing to add.
// Expects: loop/cursor, reduce/state.
fn combineSums(s: Sums, job: Job) -> Sums {
  return s;
}
