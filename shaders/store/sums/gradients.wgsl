// Where sums go: the gradients of parameters, element by element.
// Expects: params, walk, a stat/*, moments, ports first, second.
fn emitSums(s: Sums, job: Job) {
  for (var i = 0u; i < PARTS; i++) {
    if (has_first) {
      store_first(job.origin.y + i * params.along.y, part(s.first, i));
    }
    if (has_second) {
      store_second(job.origin.sum + i * params.along.sum, part(s.second, i));
    }
  }
}
