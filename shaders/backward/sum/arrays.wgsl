// The sums of a job's group, from planes.
// Expects: totals/at, walk.
fn sumOverJob(start: Cursor, job: Job, k: Normalizer) -> Sums {
  let t = storedSumsAt(job.origin.statistics);
  return Sums(firstPerGroup(t.first), firstPerGroup(t.second));
}
