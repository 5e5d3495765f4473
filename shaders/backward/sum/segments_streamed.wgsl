// This file sums over each segment of a job and stores the sums: an inner loop, or all of a job
// that shares weight and bias. They are parts of the gradients of weight and bias and, times the
// weight, of the two dx sums. x and dy are read from memory.
// Expects: backward/chain, backward/share, epilogue/parameters/*, loop/cursor, loop/outer/*,
//   loop/uniforms, reduce/state, reduce/team/*, store/sums/*, vector/*.
override SEGMENTED = true; // false where all of a job shares weight and bias

fn sumOverJob(start: Cursor, job: Job, k: Normalizer) -> Sums {
  var total = Sums();
  var c = start;
  for (var segment = 0u; segment * params.inner.size < params.groupVectors; segment++) {
    let origin = outerOffsets(job, segment);
    if (SEGMENTED) {
      let vectors = params.inner.size - min(job.rank, params.inner.size);
      let left = select(0u, (vectors + TEAM - 1u) / TEAM, job.live);
      c = Cursor(left, job.rank, segment, origin, params.inner);
    }
    let s = combineSums(sumGradientShare(c, job, k), job, false);
    if (job.live && job.rank == 0u) {
      storeSums(s, Job(true, 0u, job.teamBase, 0u, origin));
    }
    let p = parametersAt(origin);
    total.first += firstPerGroup(timesWeight(Vec(s.first), p));
    total.second += firstPerGroup(timesWeight(Vec(s.second), p));
    if (!SEGMENTED) {
      break;
    }
  }
  return total;
}
