// This file writes y for an invocation's share. x is still in registers.
// Expects: epilogue/affine, loop/cursor, loop/outer/*, loop/registers, normalize/apply/*,
//   reduce/state, tensor sum, tensor y.
fn writeY(start: Cursor, job: Job, k: Normalizer) {
  var c = start;
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (c.left > 0u) {
      let at = offsetsAt(c, 0u);
      store_sum(at.sum, registers[i]);
      store_y(at.y, epilogue(applyNormalizer(registers[i], k), parametersAt(at)));
      c = advance(c, 1u, job);
    }
  }
}
