// Where sums go: planes, one value a group.
// Expects: params, walk, a stat/*, moments.
@group(0) @binding(5) var<storage, read_write> statistics: array<f32>;

fn emitSums(s: Sums, job: Job) {
  for (var i = 0u; i < PARTS; i++) {
    let at = job.origin.stat + i * params.along.stat;
    statistics[params.firstBase + at] = part(s.first, i);
    statistics[params.secondBase + at] = part(s.second, i);
  }
}
