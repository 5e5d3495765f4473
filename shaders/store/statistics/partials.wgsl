// Statistics go into partials, one per slice and group, for a later merge.
// Expects: loop/cursor, loop/uniforms, reduce/range/*, reduce/state, vector/*.
@group(0) @binding(5) var<storage, read_write> partials: array<vec4f>;

fn storeStatistics(m: Moments, scale: PerGroup, k: Normalizer, job: Job) {
  let sum = partialOf(m, scale);
  let first = job.origin.partials + params.firstSlice + job.slice;
  for (var i = 0u; i < GROUPS_PER_VECTOR; i++) {
    partials[first + i * params.laneStride.partials] =
      vec4f(groupValue(m.pivot, i), groupValue(m.delta, i), groupValue(sum, i), groupValue(m.n, i));
  }
}
