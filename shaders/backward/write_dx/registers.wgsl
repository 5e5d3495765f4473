// This file writes dx for an invocation's share. x and the gradient at the normalized x are still
// in registers.
// Expects: backward/dx/*, backward/sum/registers, loop/cursor, loop/outer/*, loop/registers,
//   normalize/apply/*, reduce/state, vector/*, tensor dSum, tensor dx.
fn writeDx(start: Cursor, job: Job, k: Normalizer, s: Sums) {
  let t = Summands(Vec(s.first), Vec(s.second));
  var c = start;
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (c.left > 0u) {
      let at = offsetsAt(c, 0u);
      let u = applyNormalizer(registers[i], k);
      store_dx(at.y, inputGradient(gradientRegisters[i], u, registers[i], k, t) + load_dSum(at.dSum));
      c = advance(c, 1u, job);
    }
  }
}
