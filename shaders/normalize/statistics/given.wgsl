// Statistics of an earlier pass or of the caller's; every slice has the same.
// Expects: walk, moments, a known/*, a sink/*.
fn normalizerOfJob(start: Cursor, job: Job) -> Normalizer {
  let k = normalizerAt(job.origin.statistics);
  if (job.live && job.rank == 0u && job.slice == 0u) {
    storeStatistics(Moments(), k, job);
  }
  return k;
}
