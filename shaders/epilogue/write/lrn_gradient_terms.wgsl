// An element adds the term dy x d^(-exponent - 1) to the gradients of all elements in its window.
// Expects: epilogue/lrn_window, io/elements, loop/cursor, loop/outer/*, reduce/state, tensor dy,
//   tensor y.
fn writeY(start: Cursor, job: Job, k: Normalizer) {
  for (var c = start; c.left > 0u;) {
    let n = innerSteps(c);
    for (var i = 0u; i < n; i++) {
      let at = offsetsAt(c, i);
      let d = lrnDenominator(c, c.position + i * TEAM);
      store_y(at.y, dividedByPower(load_dy(at.dy), d) / d * elementAt(at));
    }
    c = advance(c, n, job);
  }
}
