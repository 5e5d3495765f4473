// Which members of a team can combine by shuffles. Neither the size of subgroups is assumed nor which lane is whose: a
// step counts only where every lane of the subgroup met the mate it looks for. All that shuffles is in uniform control
// flow, hence the steps that are made and not used.
// Expects: loop/cursor.
override LANE_STRIDE = select(1u, WORKGROUP / TEAM, COLUMNS); // lanes from one member to the next, where lanes are in order
override MAX_SHUFFLE_WIDTH = min(TEAM, 128u / LANE_STRIDE); // members that the largest subgroup could have

fn activeLanes() -> u32 {
  let lanes = countOneBits(subgroupBallot(true));
  return lanes.x + lanes.y + lanes.z + lanes.w;
}

// How many members have the same once shuffles have combined them; 1 where neighbours are not where they should be.
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
