// dx = dy d^-exponent - 2 exponent alpha / size x sum(terms), over all elements whose windows this one is in; the
// terms are those of write/window_terms.wgsl.
// Expects: walk, source/elements, window, ports y, dy, dSum.
fn termsAround(c: Cursor, position: u32) -> Wide {
  var sum = Wide(0.0);
  let end = windowEnd(position, params.windowBefore);
  for (var j = windowStart(position, params.windowAfter); j != end; j++) {
    sum += load_dSum(moved(c.at, params.run, j).dSum);
  }
  return sum;
}

fn writeAll(start: Cursor, job: Job, k: Known) {
  for (var c = start; c.left > 0u;) {
    let n = span(c);
    for (var i = 0u; i < n; i++) {
      let at = placeAt(c, i);
      let position = c.within + i * TEAM;
      let own = load_dy(at.dy) * lessened(crowding(c, position));
      let others = 2.0 * params.exponent * params.alpha * value(at) * termsAround(c, position);
      store_y(at.y, own - others);
    }
    c = skip(c, n, job);
  }
}
