// An element adds the term dy x d^(-exponent - 1) to the gradients of all elements in its window.
// x is divided by d first, since dy d^-exponent may be far below the range of f32 beside a large x.
// Expects: epilogue/lrn_window, io/elements, loop/cursor, loop/uniforms, reduce/state, tensor dy,
//   tensor y.
fn writeY(start: Cursor, job: Job, k: Normalizer) {
  for (var c = start; c.left > 0u;) {
    let n = innerSteps(c);
    for (var i = 0u; i < n; i++) {
      let at = offsetsAt(c, i);
      let d = lrnDenominator(c, c.position + i * TEAM);
      store_y(at.y, dividedByPower(load_dy(at.dy) * kept(elementAt(at) / d), d));
    }
    c = advance(c, n, job);
  }
}
