// y of an invocation's share, with x read from memory (again).
// Expects: walk, source/elements, a form/*, parameters, ports y, sum.
fn writeAll(start: Cursor, job: Job, k: Known) {
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
      let v = value(at);
      store_sum(at.sum, v);
      store_y(at.y, finished(normalized(v, k), p));
    }
    c = skip(c, n, job);
  }
}
