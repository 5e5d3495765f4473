// The sums of a job's group, from planes.
// Expects: totals/at, walk.
fn totals(start: Cursor, job: Job, k: Known) -> Sums {
  return totalsAt(job.origin.stat);
}
