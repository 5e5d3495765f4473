// A team combines its sums through workgroup memory in two levels: every invocation merges its
// block of FAN_IN neighbours, then the blocks, unless a block is the whole team. All invocations of
// a team get the same bits. Each level has memory of its own, so that the barrier of one level also
// parts readers of the other from its next writers.
// Expects: loop/cursor, reduce/state, vector/*.
override BLOCKS = WORKGROUP / FAN_IN;

var<workgroup> sharedFirst: array<PerGroup, WORKGROUP>;
var<workgroup> sharedSecond: array<PerGroup, WORKGROUP>;
var<workgroup> blockFirst: array<PerGroup, BLOCKS>;
var<workgroup> blockSecond: array<PerGroup, BLOCKS>;
var<workgroup> sharedAnswer: bool;

// The answer is the same for all invocations of the workgroup, as barriers demand. A yes remains.
fn anyInWorkgroup(own: bool) -> bool {
  if (own) {
    sharedAnswer = true;
  }
  return workgroupUniformLoad(&sharedAnswer);
}

fn combineSums(own: Sums, job: Job, largest: bool) -> Sums {
  let seat = job.teamBase + job.rank;
  let block = seat / FAN_IN;
  sharedFirst[seat] = own.first;
  sharedSecond[seat] = own.second;
  workgroupBarrier();
  let first = block * FAN_IN;
  var s = Sums(sharedFirst[first], sharedSecond[first]);
  for (var i = first + 1u; i < first + FAN_IN; i++) {
    s = mergeSums(s, Sums(sharedFirst[i], sharedSecond[i]), largest);
  }
  if (FAN_IN == TEAM) {
    workgroupBarrier(); // parts these readers from the next writers
    return s;
  }
  if (seat == first) {
    blockFirst[block] = s.first;
    blockSecond[block] = s.second;
  }
  workgroupBarrier();
  let start = job.teamBase / FAN_IN;
  s = Sums(blockFirst[start], blockSecond[start]);
  for (var i = start + 1u; i < start + TEAM / FAN_IN; i++) {
    s = mergeSums(s, Sums(blockFirst[i], blockSecond[i]), largest);
  }
  return s;
}
