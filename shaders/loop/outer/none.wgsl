// This file visits a group that is a single inner loop.
// Expects: loop/cursor, loop/operands.
fn outerIndex(vector: u32) -> u32 {
  return 0u;
}

fn outerOffsets(job: Job, segment: u32) -> Offsets {
  return job.origin;
}

fn nextPlace(place: Place, steps: Steps, job: Job) -> Place {
  return Place(offsetBy(place.at, steps.step, 1u), 0u, 0u);
}
