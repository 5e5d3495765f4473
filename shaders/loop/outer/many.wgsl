// This file visits a group that has several outer loops around its inner loop.
// Expects: loop/cursor, loop/locate, loop/operands, loop/uniforms.
override OUTER_RANK = 2u;

fn outerIndex(vector: u32) -> u32 {
  return divide(vector, params.inner);
}

fn outerOffsets(job: Job, segment: u32) -> Offsets {
  return offsetsOfIndex(job.origin, segment, OUTER_DIMS, OUTER_RANK);
}

// The cursor moves n steps, at most to the end of its inner loop (teamOuterStep is 0 unless every
// step leaves the inner loop).
fn advance(cursor: Cursor, n: u32, job: Job) -> Cursor {
  var c = cursor;
  c.left -= n;
  c.position += n * params.teamInnerStep;
  c.outer += params.teamOuterStep;
  if (c.position >= params.inner.size) {
    c.position -= params.inner.size;
    c.outer++;
  }
  if (c.left > 0u) {
    c.at = outerOffsets(job, c.outer);
  }
  return c;
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
