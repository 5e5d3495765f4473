// A team needs no workgroup memory and no barrier where it has one invocation (CPU adapters).
// Expects: loop/cursor, reduce/state.
fn anyInWorkgroup(own: bool) -> bool {
  return own;
}

fn combineSums(own: Sums, job: Job, largest: bool) -> Sums {
  return own;
}
