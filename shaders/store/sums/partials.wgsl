// Where sums go: a record a slice and group, to be reduced again.
// Expects: params, walk, a stat/*, moments.
@group(0) @binding(5) var<storage, read_write> records: array<vec4f>;

fn emitSums(s: Sums, job: Job) {
  let first = job.origin.y + params.firstSlice + job.slice;
  for (var i = 0u; i < PARTS; i++) {
    records[first + i * params.along.y] = vec4f(part(s.first, i), 0.0, part(s.second, i), 0.0);
  }
}
