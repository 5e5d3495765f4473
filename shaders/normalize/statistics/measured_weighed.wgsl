// This pass measures the statistics itself, of the valid elements. A group without any has a mean
// and a factor of 0.
// Expects: loop/cursor, normalize/factor/*, normalize/renorm/*, reduce/accumulate/*,
//   mask/rules, reduce/state, store/statistics/*, vector/*.
override FACTOR_OF_NOTHING = 0.0;

fn normalizerOfJob(start: Cursor, job: Job) -> Normalizer {
  let measured = measureJob(start, job);
  let scale = measured.scale;
  var m = measured.moments;
  let up = select(PerGroup(1.0), PerGroup(SCALE_UP), scale < PerGroup(1.0));
  let inverse = select(up, PerGroup(SCALE_DOWN), scale > PerGroup(1.0));
  m.pivot *= inverse;
  m.delta *= inverse;
  var k = withRenorm(normalizerFrom(m, scale), job.origin.statistics);
  let none = groupWeight == Vec(0.0);
  k.factor = select(k.factor, Vec(FACTOR_OF_NOTHING), none);
  k.offset = select(k.offset, Vec(0.0), none);
  m.n = firstPerGroup(groupWeight);
  if (job.live && job.rank == 0u) {
    storeStatistics(m, scale, k, job);
  }
  return k;
}
