// This pass measures the statistics itself.
// Expects: loop/cursor, normalize/factor/*, normalize/renorm/*, reduce/accumulate/*, reduce/state,
//   reduce/team/*, store/statistics/*.
fn normalizerOfJob(start: Cursor, job: Job) -> Normalizer {
  let m = combineMoments(measureShare(start, job), job);
  let k = withRenorm(normalizerFrom(m), job.origin.statistics);
  if (job.live && job.rank == 0u) {
    storeStatistics(m, k, job);
  }
  return k;
}
