// A team adds its sums by shuffles, then through workgroup memory, as in team/subgroup.wgsl.
// Expects: loop/cursor, reduce/shuffle, reduce/state, vector/*.
var<workgroup> sharedFirst: array<PerGroup, WORKGROUP>;
var<workgroup> sharedSecond: array<PerGroup, WORKGROUP>;
var<workgroup> sharedSumWidths: array<u32, WORKGROUP>;

fn combineSums(own: Sums, job: Job) -> Sums {
  let reach = shuffleWidth(job);
  var s = own;
  for (var by = 1u; by < MAX_SHUFFLE_WIDTH; by *= 2u) {
    let first = subgroupShuffleXor(s.first, by * LANE_STRIDE);
    let second = subgroupShuffleXor(s.second, by * LANE_STRIDE);
    if (by < reach) {
      s = Sums(s.first + first, s.second + second);
    }
  }
  let at = job.teamBase + job.rank;
  sharedFirst[at] = s.first;
  sharedSecond[at] = s.second;
  sharedSumWidths[at] = reach;
  workgroupBarrier();
  if (reach == TEAM) {
    return s;
  }
  var sum = Sums();
  let end = job.teamBase + TEAM;
  for (var seat = job.teamBase; seat < end; seat += max(sharedSumWidths[seat], 1u)) {
    sum = Sums(sum.first + sharedFirst[seat], sum.second + sharedSecond[seat]);
  }
  return sum;
}
