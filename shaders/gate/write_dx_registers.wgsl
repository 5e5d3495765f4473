// This file writes dx for an invocation's share, as backward/write_dx/registers.wgsl does. What
// gates need is read again.
// Expects: backward/load/registers, gate/through, loop/cursor, loop/outer/*, loop/registers,
//   normalize/apply/*, reduce/state, vector/*, tensor dx.
fn writeDx(start: Cursor, job: Job, k: Normalizer, s: Sums) {
  if (!job.live || !isOwn(0u, start)) {
    return;
  }
  let t = Summands(Vec(s.first), Vec(s.second));
  let steps = stepsOfTeam();
  var place = firstPlace(start);
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (isOwn(i, start)) {
      let x = registers[i];
      let u = applyNormalizer(x, k);
      store_dx(place.at.y, throughNorm(place.at, gradientRegisters[i], u, x, k, t));
    }
    place = nextPlace(place, steps, job);
  }
}
