// Sums go into the gradients of parameters, element by element, or are added to what is there.
// Expects: loop/cursor, loop/uniforms, reduce/state, vector/*, tensor dFirst, tensor dSecond.
override dFirst_adds = false;
override dSecond_adds = false;

fn storeSums(s: Sums, job: Job) {
  for (var i = 0u; i < GROUPS_PER_VECTOR; i++) {
    if (has_dFirst) {
      let at = job.origin.dFirst + i * params.laneStride.dFirst;
      var sum = groupValue(s.first, i);
      if (dFirst_adds) {
        sum += read_dFirst(at);
      }
      store_dFirst(at, sum);
    }
    if (has_dSecond) {
      let at = job.origin.dSecond + i * params.laneStride.dSecond;
      var sum = groupValue(s.second, i);
      if (dSecond_adds) {
        sum += read_dSecond(at);
      }
      store_dSecond(at, sum);
    }
  }
}
