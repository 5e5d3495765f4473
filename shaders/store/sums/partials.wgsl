// Sums go into partials, one per slice and group, for a later merge.
// Expects: loop/cursor, loop/uniforms, reduce/state, vector/*.
@group(0) @binding(6) var<storage, read_write> partials: array<vec4f>;

fn storeSums(s: Sums, job: Job) {
  let first = job.origin.partials + params.firstSlice + job.slice;
  for (var i = 0u; i < GROUPS_PER_VECTOR; i++) {
    partials[first + i * params.laneStride.partials] = vec4f(groupValue(s.first, i), 0.0, groupValue(s.second, i), 0.0);
  }
}
