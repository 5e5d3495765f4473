// The sums of a slice go into a partial.
// Expects: exact/lanes/*, exact/sums, loop/cursor, loop/uniforms, vector/*.
@group(0) @binding(5) var<storage, read_write> partials: array<vec4u>;

fn storeExact(sums: ExactSums, job: Job) {
  let place = job.origin.partials + params.firstSlice + job.slice;
  for (var i = 0u; i < GROUPS_PER_VECTOR; i++) {
    partials[place + i * params.laneStride.partials] = vec4u(
      bitsOfGroup(sums.first.low, i), bitsOfGroup(sums.first.high, i),
      bitsOfGroup(sums.second.low, i), bitsOfGroup(sums.second.high, i),
    );
  }
}
