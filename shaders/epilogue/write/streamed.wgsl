// y of an invocation's share, with x read from memory (again).
// Expects: walk, source/elements, a form/*, parameters, ports y, sum.
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
