// Where statistics go: a record a slice and group, to be reduced again.
// Expects: params, walk, a stat/*, moments.
@group(0) @binding(5) var<storage, read_write> records: array<vec4f>;

fn emit(m: Moments, k: Known, job: Job) {
  let first = job.origin.y + params.firstSlice + job.slice;
  for (var i = 0u; i < PARTS; i++) {
    records[first + i * params.along.y] =
      vec4f(part(m.pivot, i), part(m.delta, i), part(m.m2, i), m.n);
  }
}
