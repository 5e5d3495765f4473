// y of an invocation's share, with x read from memory (again).
// Expects: walk, source/elements, a scale/*, a form/*, parameters, an io/*.
fn writeAll(start: Cursor, job: Job, m: Moments) {
  let scale = scaleOf(m);
  let xStep = xStride();
  let yStep = TEAM * params.run.y;
  var c = start;
  while (c.left > 0u) {
    let n = span(c);
    var readAt = xAt(c);
    var writeAt = yAt(c);
    var p: Parameters;
    if (!PARAMS_VARY) {
      p = parametersAt(c, 0u);
    }
    for (var i = 0u; i < n; i++) {
      if (PARAMS_VARY) {
        p = parametersAt(c, i);
      }
      storeY(writeAt, narrow(formed(value(readAt), m, scale, p)));
      readAt += xStep;
      writeAt += yStep;
    }
    c = skip(c, n, job);
  }
}
