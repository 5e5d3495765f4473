// This file writes dx for an invocation's share. x and the gradient at the normalized x are still
// in registers.
// Expects: backward/dx/*, backward/load/registers, loop/cursor, loop/outer/*, loop/registers,
//   normalize/apply/*, reduce/state, vector/*, tensor dSum, tensor dx.
fn writeDx(start: Cursor, job: Job, k: Normalizer, s: Sums) {
  if (!job.live || !isOwn(0u, start)) {
    return;
  }
  let t = Summands(Vec(s.first), Vec(s.second));
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    let u = applyNormalizer(registers[i], k);
    gradientRegisters[i] = inputGradient(gradientRegisters[i], u, registers[i], k, t);
  }
  let steps = stepsOfTeam();
  var place = firstPlace(start);
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (isOwn(i, start)) {
      store_dx(place.at.y, gradientRegisters[i] + load_dSum(place.at.dSum));
    }
    place = nextPlace(place, steps, job);
  }
}
