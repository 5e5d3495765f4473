// The statistics come from an earlier pass or from the caller. All slices of a group use
// them.
// Expects: loop/cursor, normalize/stored/*, reduce/state, store/statistics/*, vector/*.
fn normalizerOfJob(start: Cursor, job: Job) -> Normalizer {
  let k = normalizerAt(job.origin.statistics);
  if (job.live && job.rank == 0u && job.slice == 0u) {
    storeStatistics(Moments(), PerGroup(1.0), k, job);
  }
  return k;
}
