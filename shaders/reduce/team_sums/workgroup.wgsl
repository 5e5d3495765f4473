// A team adds its sums through workgroup memory, in the two hops of team/workgroup.wgsl.
// Expects: walk, a stat/*, moments.
var<workgroup> firstAt: array<Stat, WORKGROUP>;
var<workgroup> secondAt: array<Stat, WORKGROUP>;

fn putSums(seat: u32, s: Sums) {
  firstAt[seat] = s.first;
  secondAt[seat] = s.second;
  workgroupBarrier();
}

fn gatherSums(first: u32, step: u32, end: u32) -> Sums {
  var sum = Sums();
  for (var seat = first; seat < end; seat += step) {
    sum = Sums(sum.first + firstAt[seat], sum.second + secondAt[seat]);
  }
  return sum;
}

fn combinedSums(s: Sums, job: Job) -> Sums {
  putSums(job.seat + job.member, s);
  let block = job.seat + (job.member & ~(HOP - 1u));
  var sum = gatherSums(block, 1u, block + min(HOP, TEAM));
  if (TEAM > HOP) {
    workgroupBarrier();
    putSums(job.seat + job.member, sum);
    sum = gatherSums(job.seat, HOP, job.seat + TEAM);
  }
  return sum;
}
