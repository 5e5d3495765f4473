// This file visits a group that has several outer loops around its inner loop.
// Expects: loop/cursor, loop/locate, loop/operands, loop/uniforms.
override OUTER_RANK = 2u;

fn outerIndex(vector: u32) -> u32 {
  return divide(vector, params.inner);
}

fn outerOffsets(job: Job, segment: u32) -> Offsets {
  return offsetsOfIndex(job.origin, segment, OUTER_DIMS, OUTER_RANK);
}

fn nextPlace(place: Place, steps: Steps, job: Job) -> Place {
  var position = place.position + params.teamInnerStep;
  var outer = place.outer + params.teamOuterStep;
  if (position >= params.inner.size) {
    position -= params.inner.size;
    outer++;
  }
  return Place(offsetBy(outerOffsets(job, outer), params.inner, position), position, outer);
}
