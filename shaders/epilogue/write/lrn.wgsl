// This file writes y for an invocation's share: x over a power of the sum in its window.
// Expects: epilogue/lrn_window, io/elements, loop/cursor, reduce/state, tensor y.
fn writeY(start: Cursor, job: Job, k: Normalizer) {
  for (var c = start; c.left > 0u;) {
    let n = innerSteps(c);
    for (var i = 0u; i < n; i++) {
      let at = offsetsAt(c, i);
      store_y(at.y, dividedByPower(elementAt(at), lrnDenominator(c, c.position + i * TEAM)));
    }
    c = advance(c, n, job);
  }
}
