// A team needs no workgroup memory and no barrier where it has one invocation (CPU adapters) or
// where the statistics are given.
// Expects: loop/cursor, reduce/state.
fn anyInWorkgroup(own: bool) -> bool {
  return own;
}

fn combineMoments(m: Moments, job: Job) -> Moments {
  return m;
}
