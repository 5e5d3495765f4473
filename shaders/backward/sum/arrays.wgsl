// The sums of the job's group come from statistics arrays.
// Expects: backward/stored_sums, loop/cursor, reduce/state, vector/*.
fn sumOverJob(start: Cursor, job: Job, k: Normalizer) -> Sums {
  let t = storedSumsAt(job.origin.statistics);
  return Sums(firstPerGroup(t.first), firstPerGroup(t.second));
}
