// Which members of a team can combine by shuffles. Neither the size of subgroups is assumed nor which lane is whose: a
// step counts only where every lane of the subgroup met the mate it looks for. All that shuffles is in uniform control
// flow, hence the steps that are made and not used.
// Expects: walk.
override APART = select(1u, WORKGROUP / TEAM, COLUMNS); // lanes from one member to the next, where lanes are in order
override NEAR = min(TEAM, 128u / APART); // members that the largest subgroup could have

fn running() -> u32 {
  let lanes = countOneBits(subgroupBallot(true));
  return lanes.x + lanes.y + lanes.z + lanes.w;
}

// How many members have the same once shuffles have combined them; 1 where neighbours are not where they should be.
fn reachOf(job: Job) -> u32 {
  let lanes = running();
  let place = job.seat + job.member;
  var reach = 1u;
  for (var by = 1u; by < NEAR; by *= 2u) {
    let mate = subgroupShuffleXor(place, by * APART);
    let met = subgroupAll(mate == (place ^ by) && by * APART < lanes);
    reach = select(reach, 2u * by, met && reach == by);
  }
  return reach;
}
