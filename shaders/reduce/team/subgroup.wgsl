// A team combines its sums within subgroups, then through workgroup memory. All invocations of a
// team get the same bits. Invocations are assumed to be in lanes in their order;
// src/runtime/subgroup_check.ts verifies that, once per device.
// Expects: loop/cursor, reduce/state, vector/*.
override SUBGROUP_MIN = 4u; // the device's smallest and largest subgroups
override SUBGROUP_MAX = 128u;
// This is the distance in lanes between neighbouring ranks.
override LANE_STRIDE = select(1u, WORKGROUP / TEAM, COLUMNS);
// So many ranks of a team are in a subgroup, at least and at most.
override LEAST_REACH = min(TEAM, max(1u, SUBGROUP_MIN / LANE_STRIDE));
override MOST_REACH = min(TEAM, max(1u, SUBGROUP_MAX / LANE_STRIDE));
override SEATS = WORKGROUP / LEAST_REACH;
override WHOLE_SUBGROUPS = LANE_STRIDE == 1u && TEAM >= SUBGROUP_MAX; // belong to one team each

var<workgroup> sharedFirst: array<PerGroup, SEATS>;
var<workgroup> sharedSecond: array<PerGroup, SEATS>;
var<workgroup> sharedAnswer: bool;

// So many ranks of a team are in this subgroup. All its lanes are active here.
fn reachOfSubgroup() -> u32 {
  if (LEAST_REACH == MOST_REACH) {
    return MOST_REACH;
  }
  let lanes = countOneBits(subgroupBallot(true));
  return min((lanes.x + lanes.y + lanes.z + lanes.w) / LANE_STRIDE, TEAM);
}

// The answer is the same for all invocations of the workgroup, as barriers demand. A yes remains.
fn anyInWorkgroup(own: bool) -> bool {
  if (own) {
    sharedAnswer = true;
  }
  return workgroupUniformLoad(&sharedAnswer);
}

// All shuffles are in uniform control flow, so steps beyond the reach run as well.
fn combineInSubgroup(own: Sums, reach: u32, largest: bool) -> Sums {
  if (WHOLE_SUBGROUPS && !largest) {
    return Sums(subgroupAdd(own.first), subgroupAdd(own.second));
  }
  var s = own;
  for (var by = 1u; by < MOST_REACH; by *= 2u) {
    let first = subgroupShuffleXor(s.first, by * LANE_STRIDE);
    let second = subgroupShuffleXor(s.second, by * LANE_STRIDE);
    if (by < reach) {
      s = mergeSums(s, Sums(first, second), largest);
    }
  }
  return s;
}

// A seat is for LEAST_REACH ranks. In a larger subgroup all but the first seat hold zeros, or the
// same largest value again.
fn combineSums(own: Sums, job: Job, largest: bool) -> Sums {
  let reach = reachOfSubgroup();
  let s = combineInSubgroup(own, reach, largest);
  if (LEAST_REACH == TEAM) {
    return s;
  }
  workgroupBarrier(); // for readers of earlier sums
  if (job.rank % LEAST_REACH == 0u) {
    let seat = (job.teamBase + job.rank) / LEAST_REACH;
    let isFirst = (job.rank & (reach - 1u)) == 0u;
    sharedFirst[seat] = select(PerGroup(0.0), s.first, isFirst || largest);
    sharedSecond[seat] = select(PerGroup(0.0), s.second, isFirst);
  }
  workgroupBarrier();
  let start = job.teamBase / LEAST_REACH;
  var all = Sums(sharedFirst[start], sharedSecond[start]);
  for (var i = 1u; i < TEAM / LEAST_REACH; i++) {
    all = mergeSums(all, Sums(sharedFirst[start + i], sharedSecond[start + i]), largest);
  }
  return all;
}
