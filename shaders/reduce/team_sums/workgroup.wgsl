// A team adds its sums through workgroup memory, in the two levels of team/workgroup.wgsl.
// Expects: loop/cursor, reduce/state, vector/*.
var<workgroup> sharedFirst: array<PerGroup, WORKGROUP>;
var<workgroup> sharedSecond: array<PerGroup, WORKGROUP>;

fn publishSums(seat: u32, s: Sums) {
  sharedFirst[seat] = s.first;
  sharedSecond[seat] = s.second;
  workgroupBarrier();
}

fn addRange(first: u32, step: u32, end: u32) -> Sums {
  var sum = Sums();
  for (var seat = first; seat < end; seat += step) {
    sum = Sums(sum.first + sharedFirst[seat], sum.second + sharedSecond[seat]);
  }
  return sum;
}

fn combineSums(s: Sums, job: Job) -> Sums {
  publishSums(job.teamBase + job.rank, s);
  let block = job.teamBase + (job.rank & ~(FAN_IN - 1u));
  var sum = addRange(block, 1u, block + min(FAN_IN, TEAM));
  if (TEAM > FAN_IN) {
    workgroupBarrier();
    publishSums(job.teamBase + job.rank, sum);
    sum = addRange(job.teamBase, FAN_IN, job.teamBase + TEAM);
  }
  return sum;
}
