// Sums that an earlier pass left in planes of the statistics' buffer.
// Expects: params, walk, moments, port planes.
fn totals(start: Cursor, job: Job, k: Known) -> Sums {
  let at = job.origin.stat;
  let first = load_planes(params.firstBase + at);
  return Sums(lead(first), lead(load_planes(params.secondBase + at)));
}
