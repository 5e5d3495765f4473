// This file does as backward/sum/segments_streamed.wgsl. x and the gradient stay in registers. The
// weight is applied to them last, so that no segment has to wait for it.
// Expects: backward/chain, backward/load/registers, epilogue/parameters/*, loop/cursor,
//   loop/outer/*, loop/registers, loop/uniforms, normalize/apply/*, reduce/state, reduce/team/*,
//   store/sums/*, vector/*.
override SEGMENTED = true; // false where all of a job shares weight and bias

fn sumOverJob(start: Cursor, job: Job, k: Normalizer) -> Sums {
  let steps = stepsOfTeam();
  var place = firstPlace(start);
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    let p = parametersAt(place.at);
    gradientRegisters[i] = gradAffine(gradientRegisters[i], applyNormalizer(registers[i], k), p);
    place = nextPlace(place, steps, job);
  }
  var total = Sums();
  for (var segment = 0u; segment * params.inner.size < params.groupVectors; segment++) {
    let origin = outerOffsets(job, segment);
    var all = Summands();
    for (var i = 0u; i < REGISTER_VECTORS; i++) {
      let vector = job.rank + i * TEAM - segment * params.inner.size;
      if (select(isOwn(i, start), vector < params.inner.size, SEGMENTED)) {
        let g = gradientRegisters[i];
        all = Summands(all.first + g, all.second + g * applyNormalizer(registers[i], k));
      }
    }
    let s = combineSums(Sums(sumPerGroup(all.first), sumPerGroup(all.second)), job, false);
    if (job.live && job.rank == 0u) {
      storeSums(s, Job(true, 0u, job.teamBase, 0u, origin));
    }
    let p = parametersAt(origin);
    total.first += firstPerGroup(timesWeight(Vec(s.first), p));
    total.second += firstPerGroup(timesWeight(Vec(s.second), p));
    if (!SEGMENTED) {
      break;
    }
  }
  place = firstPlace(start);
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    gradientRegisters[i] = timesWeight(gradientRegisters[i], parametersAt(place.at));
    place = nextPlace(place, steps, job);
  }
  return total;
}
