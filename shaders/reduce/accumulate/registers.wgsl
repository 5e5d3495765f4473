// This file measures a job whose elements stay in registers, so that x is read once. The members of
// a team sum around one pivot, their mean.
// Expects: loop/cursor, loop/registers, reduce/magnitude/*, reduce/pivot/*, reduce/range/*,
//   reduce/share/*, reduce/source/*, reduce/state, reduce/statistic/*, reduce/team/*, vector/*.
// The mean of equal elements is the element itself: the pivot of weighed ones may be off, and the
// delta would keep the rounding of a division.
fn measureScaled(start: Cursor, job: Job, scale: PerGroup) -> Moments {
  let pivot = choosePivot(start, job, scale);
  let own = sumShare(start, job, pivot, scale);
  let m = momentsFrom(pivot, combineSums(own, job, FIRST_IS_LARGEST), elementCount(job));
  let equal = m.m2 == PerGroup(0.0);
  let delta = select(m.delta, PerGroup(0.0), equal);
  return Moments(select(m.pivot, m.pivot + m.delta, equal), delta, m.m2, m.n);
}

// Where sums leave the range of f32, the workgroup measures once more, with scaled elements. This
// is written out, since a loop would hide from compilers that it is rare. Neighbours keep what they
// have: compilers may round a second copy of the code differently.
fn measureJob(start: Cursor, job: Job) -> Measurement {
  loadRegisters(start, job);
  var m = measureScaled(start, job, PerGroup(1.0));
  if (ROUNDS == 1u) {
    return Measurement(m, PerGroup(1.0));
  }
  let scale = scaleOf(m.m2, m.pivot + m.delta);
  if (anyInWorkgroup(job.live && any(scale != PerGroup(1.0)))) {
    let again = measureScaled(start, job, scale);
    let other = scale != PerGroup(1.0);
    m = Moments(select(m.pivot, again.pivot, other), select(m.delta, again.delta, other), select(m.m2, again.m2, other), m.n);
  }
  return Measurement(m, scale);
}
