// This file visits a group that has one outer loop around its inner loop.
// Expects: loop/cursor, loop/operands, loop/uniforms.
fn outerIndex(vector: u32) -> u32 {
  return divide(vector, params.inner);
}

fn outerOffsets(job: Job, segment: u32) -> Offsets {
  return offsetBy(job.origin, params.dims[OUTER_DIMS], segment);
}

fn nextPlace(place: Place, steps: Steps, job: Job) -> Place {
  let at = offsetBy(place.at, steps.step, 1u);
  let position = place.position + params.teamInnerStep;
  if (position >= params.inner.size) {
    return Place(offsetBy(at, steps.wrap, 1u), position - params.inner.size, 0u);
  }
  return Place(at, position, 0u);
}
