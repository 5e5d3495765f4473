// This pass measures the statistics itself.
// Expects: loop/cursor, normalize/factor/*, normalize/renorm/*, reduce/accumulate/*, reduce/state,
//   store/statistics/*, vector/*.
fn normalizerOfJob(start: Cursor, job: Job) -> Normalizer {
  let measured = measureJob(start, job);
  let scale = measured.scale;
  var m = measured.moments;
  let up = select(PerGroup(1.0), PerGroup(SCALE_UP), scale < PerGroup(1.0));
  let inverse = select(up, PerGroup(SCALE_DOWN), scale > PerGroup(1.0));
  m.pivot *= inverse;
  m.delta *= inverse;
  let k = withRenorm(normalizerFrom(m, scale), job.origin.statistics);
  if (job.live && job.rank == 0u) {
    storeStatistics(m, scale, k, job);
  }
  return k;
}
