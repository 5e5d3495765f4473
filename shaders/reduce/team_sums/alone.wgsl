// Sums of a team of one.
// Expects: moments.
fn combinedSums(s: Sums, job: Job) -> Sums {
  return s;
}
