// This file forms two sums over a job. The normalized x and the gradient at it stay in registers.
// Expects: backward/chain, backward/dx_sums/*, epilogue/affine, loop/cursor, loop/outer/*,
//   loop/registers, normalize/apply/*, reduce/state, reduce/team_sums/*, vector/*.
// Given statistics leave x outside of registers; this pass then loads it.
override LOAD_REGISTERS = false;

var<private> gradientRegisters: array<Vec, 16>;

fn sumOverJob(start: Cursor, job: Job, k: Normalizer) -> Sums {
  if (LOAD_REGISTERS) {
    loadRegisters(start, job);
  }
  var c = start;
  var all = Summands();
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (c.left > 0u) {
      let at = offsetsAt(c, 0u);
      let u = applyNormalizer(registers[i], k);
      let g = gradNormalized(at, u, parametersAt(at));
      gradientRegisters[i] = g;
      let t = dxSummands(g, u, registers[i], k);
      all = Summands(all.first + t.first, all.second + t.second);
      c = advance(c, 1u, job);
    }
  }
  return combineSums(Sums(sumPerGroup(all.first), sumPerGroup(all.second)), job);
}
