// y of an invocation's share, with x still in registers.
// Expects: walk, measure/held, affine, an io/*.
fn writeAll(start: Cursor, job: Job, m: Moments) {
  let rstd = rstdOf(m);
  var c = start;
  for (var i = 0u; i < HELD; i++) {
    if (c.left > 0u) {
      storeY(yAt(c), narrow(affine(held[i], m, rstd, parametersAt(c, 0u))));
      c = skip(c, 1u, job);
    }
  }
}
