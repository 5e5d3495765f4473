// Sums of a team of one.
// Expects: moments.
fn combineSums(s: Sums, job: Job) -> Sums {
  return s;
}
