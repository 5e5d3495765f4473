// y of an invocation's share: x over a power of what is around it.
// Expects: walk, source/elements, window, port y.
fn writeAll(start: Cursor, job: Job, k: Known) {
  for (var c = start; c.left > 0u;) {
    let n = span(c);
    for (var i = 0u; i < n; i++) {
      let at = placeAt(c, i);
      store_y(at.y, value(at) * lessened(crowding(c, c.within + i * TEAM)));
    }
    c = skip(c, n, job);
  }
}
