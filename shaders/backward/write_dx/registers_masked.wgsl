// This file writes dx as backward/write_dx/registers.wgsl does, with the weights of elements.
// Expects: backward/load/registers, loop/cursor, loop/outer/*, mask/registers,
//   mask/through, normalize/apply/*, reduce/state, vector/*, tensor dSum, tensor dx, tensor dy.
fn writeDx(start: Cursor, job: Job, k: Normalizer, s: Sums) {
  if (!job.live || !isOwn(0u, start)) {
    return;
  }
  let t = Summands(Vec(s.first), Vec(s.second));
  let steps = stepsOfTeam();
  var place = firstPlace(start);
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (isOwn(i, start)) {
      let u = applyNormalizer(registers[i], k);
      let dy = load_dy(place.at.dy);
      let dx = throughMask(gradientRegisters[i], u, registers[i], k, t, weightRegisters[i], dy);
      store_dx(place.at.y, dx + load_dSum(place.at.dSum));
    }
    place = nextPlace(place, steps, job);
  }
}
