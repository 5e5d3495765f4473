// The job has no statistics of its own.
// Expects: loop/cursor, reduce/state.
fn normalizerOfJob(start: Cursor, job: Job) -> Normalizer {
  return Normalizer();
}
