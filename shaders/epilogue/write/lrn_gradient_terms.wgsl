// What an element's window gets of its gradient: dy x d^(-exponent - 1).
// Expects: walk, source/elements, window, ports y, dy.
fn writeAll(start: Cursor, job: Job, k: Known) {
  for (var c = start; c.left > 0u;) {
    let n = span(c);
    for (var i = 0u; i < n; i++) {
      let at = placeAt(c, i);
      let d = crowding(c, c.within + i * TEAM);
      store_y(at.y, load_dy(at.dy) * value(at) * lessened(d) / d);
    }
    c = skip(c, n, job);
  }
}
