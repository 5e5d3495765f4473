// This file finds the members of a team that can combine by shuffles. It assumes neither the size
// of subgroups nor the order of invocations in them: a step is used only if every lane of the
// subgroup received its expected partner. All shuffles are in uniform control flow, so steps that
// are not used run as well.
// Expects: loop/cursor.
// This is the distance in lanes between neighbouring ranks, where lanes are in order.
override LANE_STRIDE = select(1u, WORKGROUP / TEAM, COLUMNS);
// The largest subgroup could contain this many ranks of a team.
override MAX_SHUFFLE_WIDTH = min(TEAM, 128u / LANE_STRIDE);

fn activeLanes() -> u32 {
  let lanes = countOneBits(subgroupBallot(true));
  return lanes.x + lanes.y + lanes.z + lanes.w;
}

// This many neighbouring ranks have one result after the shuffles; 1 where the lanes are in another
// order.
fn shuffleWidth(job: Job) -> u32 {
  let lanes = activeLanes();
  let place = job.teamBase + job.rank;
  var reach = 1u;
  for (var by = 1u; by < MAX_SHUFFLE_WIDTH; by *= 2u) {
    let mate = subgroupShuffleXor(place, by * LANE_STRIDE);
    let met = subgroupAll(mate == (place ^ by) && by * LANE_STRIDE < lanes);
    reach = select(reach, 2u * by, met && reach == by);
  }
  return reach;
}
