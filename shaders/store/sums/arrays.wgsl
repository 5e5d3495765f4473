// Sums go into two statistics arrays, one value per group.
// Expects: loop/cursor, loop/uniforms, reduce/state, store/statistics_buffer, vector/*.
fn storeSums(s: Sums, job: Job) {
  for (var i = 0u; i < GROUPS_PER_VECTOR; i++) {
    let at = job.origin.statistics + i * params.laneStride.statistics;
    statistics[params.firstBase + at] = groupValue(s.first, i);
    statistics[params.secondBase + at] = groupValue(s.second, i);
  }
}
