// y of an invocation's share, with x still in registers.
// Expects: walk, measure/held, a scale/*, a form/*, parameters, an io/*.
fn writeAll(start: Cursor, job: Job, m: Moments) {
  let scale = scaleOf(m);
  var c = start;
  for (var i = 0u; i < HELD; i++) {
    if (c.left > 0u) {
      storeY(yAt(c), narrow(formed(held[i], m, scale, parametersAt(c, 0u))));
      c = skip(c, 1u, job);
    }
  }
}
