// dx of an invocation's share, with x and dy read from memory (again).
// Expects: walk, source/elements, a form/*, parameters, incoming, a gradient/*, ports y, dSum.
fn writeGradient(start: Cursor, job: Job, k: Known, s: Sums) {
  let t = Terms(Wide(s.first), Wide(s.second));
  var c = start;
  while (c.left > 0u) {
    let n = span(c);
    var p: Parameters;
    if (!PARAMS_VARY) {
      p = parametersAt(placeAt(c, 0u));
    }
    for (var i = 0u; i < n; i++) {
      let at = placeAt(c, i);
      if (PARAMS_VARY) {
        p = parametersAt(at);
      }
      let x = value(at);
      let u = normalized(x, k);
      store_y(at.y, outgoing(atNormalized(at, u, p), u, x, k, t) + load_dSum(at.dSum));
    }
    c = skip(c, n, job);
  }
}
