// This file writes y for an invocation's share. It reads x from memory again.
// Expects: epilogue/affine, io/elements, loop/cursor, loop/outer/*, normalize/apply/*,
//   reduce/state, tensor sum, tensor y.
fn writeY(start: Cursor, job: Job, k: Normalizer) {
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
      let v = elementAt(at);
      store_sum(at.sum, v);
      store_y(at.y, epilogue(applyNormalizer(v, k), p));
    }
    c = advance(c, n, job);
  }
}
