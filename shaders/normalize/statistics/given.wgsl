// Statistics of an earlier pass or of the caller's; every slice has the same.
// Expects: walk, moments, a known/*, a sink/*.
fn known(start: Cursor, job: Job) -> Known {
  let k = knownAt(job.origin.stat);
  if (job.live && job.member == 0u && job.slice == 0u) {
    emit(Moments(), k, job);
  }
  return k;
}
