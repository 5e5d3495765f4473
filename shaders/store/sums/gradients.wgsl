// Sums go into the gradients of parameters, element by element.
// Expects: loop/cursor, loop/uniforms, reduce/state, vector/*, tensor dFirst, tensor dSecond.
fn storeSums(s: Sums, job: Job) {
  for (var i = 0u; i < GROUPS_PER_VECTOR; i++) {
    if (has_dFirst) {
      store_dFirst(job.origin.dFirst + i * params.laneStride.dFirst, groupValue(s.first, i));
    }
    if (has_dSecond) {
      store_dSecond(job.origin.dSecond + i * params.laneStride.dSecond, groupValue(s.second, i));
    }
  }
}
