// A team shares its moments by shuffles as far as these reach, then through workgroup memory: one barrier. All members
// end with the same bits, since both ends of a shuffle merge in the same order.
// Expects: team/mates, walk, a stat/*, moments.
var<workgroup> pivotAt: array<Stat, WORKGROUP>;
var<workgroup> deltaAt: array<Stat, WORKGROUP>;
var<workgroup> m2At: array<Stat, WORKGROUP>;
var<workgroup> countAt: array<f32, WORKGROUP>;
var<workgroup> reachAt: array<u32, WORKGROUP>;

fn mateOf(m: Moments, mask: u32) -> Moments {
  return Moments(
    subgroupShuffleXor(m.pivot, mask),
    subgroupShuffleXor(m.delta, mask),
    subgroupShuffleXor(m.m2, mask),
    subgroupShuffleXor(m.n, mask),
  );
}

fn inOrder(m: Moments, mate: Moments, second: bool) -> Moments {
  var a = m;
  var b = mate;
  if (second) {
    a = mate;
    b = m;
  }
  return merged(a, b);
}

fn put(seat: u32, m: Moments, reach: u32) {
  pivotAt[seat] = m.pivot;
  deltaAt[seat] = m.delta;
  m2At[seat] = m.m2;
  countAt[seat] = m.n;
  reachAt[seat] = reach;
  workgroupBarrier();
}

fn combined(own: Moments, job: Job) -> Moments {
  let reach = reachOf(job);
  var m = own;
  for (var by = 1u; by < NEAR; by *= 2u) {
    let mate = mateOf(m, by * APART);
    if (by < reach) {
      m = inOrder(m, mate, (job.member & by) != 0u);
    }
  }
  put(job.seat + job.member, m, reach);
  if (reach == TEAM) {
    return m;
  }
  var sum = Moments();
  let end = job.seat + TEAM;
  for (var seat = job.seat; seat < end; seat += max(reachAt[seat], 1u)) {
    sum = merged(sum, Moments(pivotAt[seat], deltaAt[seat], m2At[seat], countAt[seat]));
  }
  return sum;
}
