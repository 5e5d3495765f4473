// A team shares its moments through workgroup memory, in two hops: every member merges its block of
// HOP neighbours, then the blocks. All members end with the same bits.
// Expects: walk, a stat/*, moments.
var<workgroup> pivotAt: array<Stat, WORKGROUP>;
var<workgroup> deltaAt: array<Stat, WORKGROUP>;
var<workgroup> m2At: array<Stat, WORKGROUP>;
var<workgroup> countAt: array<f32, WORKGROUP>;

fn put(seat: u32, m: Moments) {
  pivotAt[seat] = m.pivot;
  deltaAt[seat] = m.delta;
  m2At[seat] = m.m2;
  countAt[seat] = m.n;
  workgroupBarrier();
}

fn gather(first: u32, step: u32, end: u32) -> Moments {
  var sum = Moments();
  for (var seat = first; seat < end; seat += step) {
    sum = merged(sum, Moments(pivotAt[seat], deltaAt[seat], m2At[seat], countAt[seat]));
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
