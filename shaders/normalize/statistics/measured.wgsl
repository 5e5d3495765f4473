// This pass measures the statistics itself.
// Expects: loop/cursor, normalize/factor/*, normalize/renorm/*, reduce/accumulate/*, reduce/magnitude/*,
//   reduce/pivot/*, reduce/range/*, reduce/source/*, reduce/state, reduce/statistic/*, reduce/team/*, store/statistics/*, vector/*.

// If the pivot lies more than a deviation from the mean (an outlier among the sampled elements), a
// second pass over the share starts from that mean.
fn measureShare(start: Cursor, job: Job, scale: PerGroup) -> Moments {
  if (start.left == 0u) {
    return Moments();
  }
  let n = elementCount(start, job);
  var pivot = choosePivot(start, job) * scale;
  var m: Moments;
  for (var round = 0u; round < 2u; round++) {
    m = momentsFrom(pivot, sumShare(start, job, pivot, scale), n);
    if (!needsSecondPass(m)) {
      break;
    }
    pivot = m.pivot + m.delta;
  }
  return m;
}

// Where sums leave the range of f32, the workgroup measures once more, with scaled elements.
fn normalizerOfJob(start: Cursor, job: Job) -> Normalizer {
  loadShare(start, job);
  var scale = PerGroup(1.0);
  var m: Moments;
  for (var round = 0u; round < 2u; round++) {
    m = combineMoments(measureShare(start, job, scale), job);
    let next = scaleOf(m.m2, m.pivot + m.delta);
    if (round == 1u || !anyInWorkgroup(job.live && any(next != PerGroup(1.0)))) {
      break;
    }
    scale = next;
  }
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
