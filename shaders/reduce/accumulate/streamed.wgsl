// This file measures a job whose elements it reads from memory each time.
// Expects: loop/cursor, loop/uniforms, reduce/magnitude/*, reduce/pivot/*, reduce/range/*,
//   reduce/share/*, reduce/source/*, reduce/state, reduce/statistic/*, reduce/team/*, vector/*.

// A job measures once more where its sums leave the range of f32, then with scaled elements, and
// where its pivot, taken from a sample, turns out to be far from the mean. Other jobs of the
// workgroup repeat what they did, since barriers need all invocations.
fn measureJob(start: Cursor, job: Job) -> Measurement {
  var scale = keptPerGroup(PerGroup(1.0)); // later rounds have others
  var pivot = choosePivot(start, job, scale);
  var m: Moments;
  for (var round = 1u; ; round++) {
    let own = sumShare(start, job, pivot, scale);
    m = momentsFrom(pivot, combineSums(own, job, FIRST_IS_LARGEST), elementCount(job));
    if (round == ROUNDS) {
      break;
    }
    let wanted = select(scale, scaleOf(m.m2, m.pivot + m.delta), scale == PerGroup(1.0));
    let better = select(pivot * wanted, betterPivot(m, scale), wanted == scale);
    if (!anyInWorkgroup(job.live && any((better != pivot) | (wanted != scale)))) {
      break;
    }
    pivot = better;
    scale = wanted;
  }
  return Measurement(m, scale);
}
