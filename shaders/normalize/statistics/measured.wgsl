// Statistics of this pass's own.
// Expects: walk, moments, a measure/*, a team/*, two known/*, a sink/*.
fn known(start: Cursor, job: Job) -> Known {
  let m = combined(measure(start, job), job);
  let k = completed(knownOf(m), job.origin.stat);
  if (job.live && job.member == 0u) {
    emit(m, k, job);
  }
  return k;
}
