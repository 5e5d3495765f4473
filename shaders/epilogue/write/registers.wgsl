// y of an invocation's share, with x still in registers.
// Expects: held, walk, a form/*, parameters, ports y, sum.
fn writeAll(start: Cursor, job: Job, k: Known) {
  var c = start;
  for (var i = 0u; i < HELD; i++) {
    if (c.left > 0u) {
      let at = placeAt(c, 0u);
      store_sum(at.sum, held[i]);
      store_y(at.y, finished(normalized(held[i], k), parametersAt(at)));
      c = skip(c, 1u, job);
    }
  }
}
