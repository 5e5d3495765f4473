// The gradient at what the activation got, for all elements of an invocation's share.
// Expects: walk, source/elements, a form/*, parameters, incoming, port y.
fn writeGradient(start: Cursor, job: Job, k: Known, s: Sums) {
  for (var c = start; c.left > 0u;) {
    let n = span(c);
    for (var i = 0u; i < n; i++) {
      let at = placeAt(c, i);
      store_y(at.y, atModulated(at, normalized(value(at), k), parametersAt(at)));
    }
    c = skip(c, n, job);
  }
}
