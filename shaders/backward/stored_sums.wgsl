// Sums that an earlier pass left in planes of the statistics' buffer.
// Expects: params, walk, moments, port planes.
fn totalsAt(at: u32) -> Terms {
  return Terms(load_planes(params.firstBase + at), load_planes(params.secondBase + at));
}
