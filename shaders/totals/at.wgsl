// Sums that an earlier pass left in planes of the statistics' buffer.
// Expects: params, walk, moments, port planes.
fn totalsAt(at: u32) -> Sums {
  let first = load_planes(params.firstBase + at);
  return Sums(lead(first), lead(load_planes(params.secondBase + at)));
}
