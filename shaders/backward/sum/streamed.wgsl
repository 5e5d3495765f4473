// This file forms two sums over a job, whose elements it reads from memory.
// Expects: backward/share, loop/cursor, reduce/state, reduce/team/*.
fn sumOverJob(start: Cursor, job: Job, k: Normalizer) -> Sums {
  return combineSums(sumGradientShare(start, job, k), job, false);
}
