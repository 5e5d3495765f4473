// A team combines its moments by shuffles as far as they reach, then through workgroup memory with
// one barrier. All invocations of a team get the same bits, since both ends of a shuffle merge in
// the same order.
// Expects: loop/cursor, reduce/shuffle, reduce/state, reduce/statistic/*, vector/*.
var<workgroup> sharedPivots: array<PerGroup, WORKGROUP>;
var<workgroup> sharedDeltas: array<PerGroup, WORKGROUP>;
var<workgroup> sharedM2s: array<PerGroup, WORKGROUP>;
var<workgroup> sharedCounts: array<f32, WORKGROUP>;
var<workgroup> sharedWidths: array<u32, WORKGROUP>;
var<workgroup> sharedAnswer: bool;

fn partnerMoments(m: Moments, mask: u32) -> Moments {
  return Moments(
    subgroupShuffleXor(m.pivot, mask),
    subgroupShuffleXor(m.delta, mask),
    subgroupShuffleXor(m.m2, mask),
    subgroupShuffleXor(m.n, mask),
  );
}

fn mergeInOrder(m: Moments, mate: Moments, second: bool) -> Moments {
  var a = m;
  var b = mate;
  if (second) {
    a = mate;
    b = m;
  }
  return mergeMoments(a, b);
}

fn publish(seat: u32, m: Moments, reach: u32) {
  sharedPivots[seat] = m.pivot;
  sharedDeltas[seat] = m.delta;
  sharedM2s[seat] = m.m2;
  sharedCounts[seat] = m.n;
  sharedWidths[seat] = reach;
  workgroupBarrier();
}

// The answer is the same for all invocations of the workgroup, as barriers demand. It is asked once.
fn anyInWorkgroup(own: bool) -> bool {
  if (own) {
    sharedAnswer = true;
  }
  return workgroupUniformLoad(&sharedAnswer);
}

fn combineMoments(own: Moments, job: Job) -> Moments {
  let reach = shuffleWidth(job);
  var m = own;
  for (var by = 1u; by < MAX_SHUFFLE_WIDTH; by *= 2u) {
    let mate = partnerMoments(m, by * LANE_STRIDE);
    if (by < reach) {
      m = mergeInOrder(m, mate, (job.rank & by) != 0u);
    }
  }
  publish(job.teamBase + job.rank, m, reach);
  if (reach == TEAM) {
    return m;
  }
  var sum = Moments();
  let end = job.teamBase + TEAM;
  for (var seat = job.teamBase; seat < end; seat += max(sharedWidths[seat], 1u)) {
    sum = mergeMoments(sum, Moments(sharedPivots[seat], sharedDeltas[seat], sharedM2s[seat], sharedCounts[seat]));
  }
  return sum;
}
