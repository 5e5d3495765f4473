// The gradient at what the activation got, for all elements of an invocation's share.
// Expects: walk, source/elements, a form/*, parameters, incoming, port y.
fn writeDx(start: Cursor, job: Job, k: Normalizer, s: Sums) {
  for (var c = start; c.left > 0u;) {
    let n = innerSteps(c);
    for (var i = 0u; i < n; i++) {
      let at = offsetsAt(c, i);
      store_dx(at.y, gradModulated(at, applyNormalizer(elementAt(at), k), parametersAt(at)));
    }
    c = advance(c, n, job);
  }
}
