// Where sums go: the gradients of parameters, element by element.
// Expects: params, walk, a stat/*, moments, ports first, second.
fn storeSums(s: Sums, job: Job) {
  for (var i = 0u; i < GROUPS_PER_VECTOR; i++) {
    if (has_first) {
      store_first(job.origin.y + i * params.laneStride.y, groupValue(s.first, i));
    }
    if (has_second) {
      store_second(job.origin.sum + i * params.laneStride.sum, groupValue(s.second, i));
    }
  }
}
