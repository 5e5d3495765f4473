// No statistics of a job's own.
// Expects: walk, moments.
fn normalizerOfJob(start: Cursor, job: Job) -> Normalizer {
  return Normalizer();
}
