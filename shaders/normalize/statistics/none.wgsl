// No statistics of a job's own.
// Expects: loop/cursor, reduce/state.
fn normalizerOfJob(start: Cursor, job: Job) -> Normalizer {
  return Normalizer();
}
