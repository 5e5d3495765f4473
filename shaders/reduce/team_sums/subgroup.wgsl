// A team adds its sums by shuffles, then through workgroup memory, as in team/subgroup.wgsl.
// Expects: team/mates, walk, a stat/*, moments.
var<workgroup> firstAt: array<Stat, WORKGROUP>;
var<workgroup> secondAt: array<Stat, WORKGROUP>;
var<workgroup> sumsReachAt: array<u32, WORKGROUP>;

fn combinedSums(own: Sums, job: Job) -> Sums {
  let reach = reachOf(job);
  var s = own;
  for (var by = 1u; by < NEAR; by *= 2u) {
    let first = subgroupShuffleXor(s.first, by * APART);
    let second = subgroupShuffleXor(s.second, by * APART);
    if (by < reach) {
      s = Sums(s.first + first, s.second + second);
    }
  }
  let at = job.seat + job.member;
  firstAt[at] = s.first;
  secondAt[at] = s.second;
  sumsReachAt[at] = reach;
  workgroupBarrier();
  if (reach == TEAM) {
    return s;
  }
  var sum = Sums();
  let end = job.seat + TEAM;
  for (var seat = job.seat; seat < end; seat += max(sumsReachAt[seat], 1u)) {
    sum = Sums(sum.first + firstAt[seat], sum.second + secondAt[seat]);
  }
  return sum;
}
