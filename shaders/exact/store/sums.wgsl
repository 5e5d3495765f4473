// The exact sums leave the GPU as they are: of integers and of their squares, a low word and a high
// one each, in four arrays that follow each other.
// Expects: exact/lanes/*, exact/sums, loop/cursor, loop/uniforms, vector/*.
@group(0) @binding(5) var<storage, read_write> statistics: array<u32>;

fn storeExact(sums: ExactSums, job: Job) {
  for (var i = 0u; i < GROUPS_PER_VECTOR; i++) {
    let at = job.origin.statistics + i * params.laneStride.statistics;
    statistics[params.pivotBase + at] = bitsOfGroup(sums.first.low, i);
    statistics[params.deltaBase + at] = bitsOfGroup(sums.first.high, i);
    statistics[params.firstBase + at] = bitsOfGroup(sums.second.low, i);
    statistics[params.secondBase + at] = bitsOfGroup(sums.second.high, i);
  }
}
