// The sums of a job's group, from planes.
// Expects: totals/at, walk.
fn totals(start: Cursor, job: Job, k: Known) -> Sums {
  let t = totalsAt(job.origin.stat);
  return Sums(lead(t.first), lead(t.second));
}
