// This file writes the gradient at the activation's input for an invocation's share.
// Expects: backward/chain, backward/dy/*, epilogue/parameters/*, loop/cursor, normalize/apply/*,
//   reduce/source/*, reduce/state, tensor dx.
fn writeDx(start: Cursor, job: Job, k: Normalizer, s: Sums) {
  for (var c = start; c.left > 0u;) {
    let n = innerSteps(c);
    for (var i = 0u; i < n; i++) {
      let at = offsetsAt(c, i);
      store_dx(at.y, gradModulated(gradientAt(at), applyNormalizer(elementAt(at), k), parametersAt(at)));
    }
    c = advance(c, n, job);
  }
}
