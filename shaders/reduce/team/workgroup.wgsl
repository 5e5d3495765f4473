// A team combines its sums through workgroup memory in two levels: every invocation merges its
// block of FAN_IN neighbours, then the blocks. All invocations of a team get the same bits.
// Expects: loop/cursor, reduce/state, vector/*.
var<workgroup> sharedFirst: array<PerGroup, WORKGROUP>;
var<workgroup> sharedSecond: array<PerGroup, WORKGROUP>;
var<workgroup> sharedAnswer: bool;

// The first barrier waits for readers of what was published before.
fn publish(seat: u32, s: Sums) {
  workgroupBarrier();
  sharedFirst[seat] = s.first;
  sharedSecond[seat] = s.second;
  workgroupBarrier();
}

fn mergeRange(first: u32, step: u32, end: u32, largest: bool) -> Sums {
  var s = Sums(sharedFirst[first], sharedSecond[first]);
  for (var seat = first + step; seat < end; seat += step) {
    s = mergeSums(s, Sums(sharedFirst[seat], sharedSecond[seat]), largest);
  }
  return s;
}

// The answer is the same for all invocations of the workgroup, as barriers demand. A yes remains.
fn anyInWorkgroup(own: bool) -> bool {
  if (own) {
    sharedAnswer = true;
  }
  return workgroupUniformLoad(&sharedAnswer);
}

fn combineSums(own: Sums, job: Job, largest: bool) -> Sums {
  publish(job.teamBase + job.rank, own);
  let block = job.teamBase + (job.rank & ~(FAN_IN - 1u));
  var s = mergeRange(block, 1u, block + min(FAN_IN, TEAM), largest);
  if (TEAM > FAN_IN) {
    publish(job.teamBase + job.rank, s);
    s = mergeRange(job.teamBase, FAN_IN, job.teamBase + TEAM, largest);
  }
  return s;
}
