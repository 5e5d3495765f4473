// A team shares its moments through workgroup memory, in two hops: every member merges its block of
// HOP neighbours, then the blocks. All members end with the same bits.
// Expects: walk, a stat/*, moments.
override HOP = 8u; // about the square root of TEAM

var<workgroup> pivotOf: array<Stat, WORKGROUP>;
var<workgroup> deltaOf: array<Stat, WORKGROUP>;
var<workgroup> m2Of: array<Stat, WORKGROUP>;
var<workgroup> countAt: array<f32, WORKGROUP>;

fn put(seat: u32, m: Moments) {
  pivotOf[seat] = m.pivot;
  deltaOf[seat] = m.delta;
  m2Of[seat] = m.m2;
  countAt[seat] = m.n;
  workgroupBarrier();
}

fn gather(first: u32, step: u32, end: u32) -> Moments {
  var sum = Moments();
  for (var seat = first; seat < end; seat += step) {
    sum = merged(sum, Moments(pivotOf[seat], deltaOf[seat], m2Of[seat], countAt[seat]));
  }
  return sum;
}

fn combined(m: Moments, job: Job) -> Moments {
  put(job.seat + job.member, m);
  let block = job.seat + (job.member & ~(HOP - 1u));
  var sum = gather(block, 1u, block + min(HOP, TEAM));
  if (TEAM > HOP) {
    workgroupBarrier();
    put(job.seat + job.member, sum);
    sum = gather(job.seat, HOP, job.seat + TEAM);
  }
  return sum;
}
