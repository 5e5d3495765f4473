// Nothing to combine, hence no workgroup memory and no barrier: a team of one (CPU adapters), or statistics
// that are given.
// Expects: loop/cursor, reduce/state.
fn combineMoments(m: Moments, job: Job) -> Moments {
  return m;
}
