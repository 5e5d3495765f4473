// Where sums go: planes, one value a group.
// Expects: sink/planes, params, walk, a stat/*, moments.
fn emitSums(s: Sums, job: Job) {
  for (var i = 0u; i < PARTS; i++) {
    let at = job.origin.stat + i * params.along.stat;
    statistics[params.firstBase + at] = part(s.first, i);
    statistics[params.secondBase + at] = part(s.second, i);
  }
}
