// A team combines its moments through workgroup memory in two levels: every invocation merges its
// block of FAN_IN neighbours, then the blocks. All invocations of a team get the same bits.
// Expects: loop/cursor, reduce/state, reduce/statistic/*, vector/*.
var<workgroup> sharedPivots: array<PerGroup, WORKGROUP>;
var<workgroup> sharedDeltas: array<PerGroup, WORKGROUP>;
var<workgroup> sharedM2s: array<PerGroup, WORKGROUP>;
var<workgroup> sharedCounts: array<f32, WORKGROUP>;
var<workgroup> sharedAnswer: bool;

fn publish(seat: u32, m: Moments) {
  sharedPivots[seat] = m.pivot;
  sharedDeltas[seat] = m.delta;
  sharedM2s[seat] = m.m2;
  sharedCounts[seat] = m.n;
  workgroupBarrier();
}

fn mergeRange(first: u32, step: u32, end: u32) -> Moments {
  var sum = Moments();
  for (var seat = first; seat < end; seat += step) {
    sum = mergeMoments(sum, Moments(sharedPivots[seat], sharedDeltas[seat], sharedM2s[seat], sharedCounts[seat]));
  }
  return sum;
}

// The answer is the same for all invocations of the workgroup, as barriers demand. It is asked once.
fn anyInWorkgroup(own: bool) -> bool {
  if (own) {
    sharedAnswer = true;
  }
  return workgroupUniformLoad(&sharedAnswer);
}

fn combineMoments(m: Moments, job: Job) -> Moments {
  publish(job.teamBase + job.rank, m);
  let block = job.teamBase + (job.rank & ~(FAN_IN - 1u));
  var sum = mergeRange(block, 1u, block + min(FAN_IN, TEAM));
  if (TEAM > FAN_IN) {
    workgroupBarrier();
    publish(job.teamBase + job.rank, sum);
    sum = mergeRange(job.teamBase, FAN_IN, job.teamBase + TEAM);
  }
  return sum;
}
