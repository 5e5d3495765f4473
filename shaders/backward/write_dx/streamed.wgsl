// This file writes dx for an invocation's share. It reads x and dy from memory again.
// Expects: backward/chain, backward/dx/*, epilogue/affine, io/elements, loop/cursor, loop/outer/*,
//   normalize/apply/*, reduce/state, vector/*, tensor dSum, tensor dx.
fn writeDx(start: Cursor, job: Job, k: Normalizer, s: Sums) {
  let t = Summands(Vec(s.first), Vec(s.second));
  var c = start;
  while (c.left > 0u) {
    let n = innerSteps(c);
    var p: Parameters;
    if (!PARAMS_VARY) {
      p = parametersAt(offsetsAt(c, 0u));
    }
    for (var i = 0u; i < n; i++) {
      let at = offsetsAt(c, i);
      if (PARAMS_VARY) {
        p = parametersAt(at);
      }
      let x = elementAt(at);
      let u = applyNormalizer(x, k);
      store_dx(at.y, inputGradient(gradNormalized(at, u, p), u, x, k, t) + load_dSum(at.dSum));
    }
    c = advance(c, n, job);
  }
}
