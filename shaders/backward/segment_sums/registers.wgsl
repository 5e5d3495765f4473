// This file sums over a segment of a job. x and the gradient stay in registers. The weight is applied
// last, so that no segment has to wait for it.
// Expects: backward/chain, epilogue/affine, loop/cursor, loop/outer/*, loop/registers,
//   loop/uniforms, normalize/apply/*, reduce/state, reduce/team/*, vector/*.
// Given statistics leave x outside of registers; this pass then loads it.
override LOAD_REGISTERS = false;

var<private> gradientRegisters: array<Vec, 16>;

fn prepareSegments(start: Cursor, job: Job, k: Normalizer) {
  if (LOAD_REGISTERS) {
    loadRegisters(start, job);
  }
  let steps = stepsOfTeam();
  var place = firstPlace(start);
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    let u = applyNormalizer(registers[i], k);
    gradientRegisters[i] = gradAffine(place.at, u, parametersAt(place.at));
    place = nextPlace(place, steps, job);
  }
}

fn sumOverSegment(first: u32, job: Job, k: Normalizer) -> Sums {
  var all = Summands();
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (job.rank + i * TEAM - first < params.segmentVectors) {
      let g = gradientRegisters[i];
      all = Summands(all.first + g, all.second + g * applyNormalizer(registers[i], k));
    }
  }
  return combineSums(Sums(sumPerGroup(all.first), sumPerGroup(all.second)), job, false);
}

fn weighGradients(start: Cursor, job: Job) {
  let steps = stepsOfTeam();
  var place = firstPlace(start);
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    gradientRegisters[i] = timesWeight(gradientRegisters[i], parametersAt(place.at));
    place = nextPlace(place, steps, job);
  }
}
