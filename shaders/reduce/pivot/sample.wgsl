// The pivot is the mean of a few elements of the first inner loop.
// Expects: io/elements, loop/cursor, reduce/state, vector/*.
fn choosePivot(start: Cursor, job: Job) -> PerGroup {
  let steps = innerSteps(start);
  let apart = max(steps / 8u, 2u * ELEMENTS_PER_GROUP);
  let origin = firstPerGroup(elementAt(offsetsAt(start, 0u)));
  var sum = Vec(0.0);
  var n = 0u;
  for (var i = 0u; i < steps; i += apart) {
    sum += elementAt(offsetsAt(start, i)) - origin;
    n += ELEMENTS_PER_GROUP;
  }
  return finiteOrZero(origin + sumPerGroup(sum) / f32(n));
}
