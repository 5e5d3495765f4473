// This file writes the gradient at the activation's input for an invocation's share. A masked
// element that stays as it is passes the gradient on.
// Expects: backward/chain, backward/dy/*, epilogue/parameters/*, loop/cursor, mask/rules,
//   mask/weight/*, normalize/apply/*, reduce/source/*, reduce/state, vector/*, tensor dx,
//   tensor dy.
fn writeDx(start: Cursor, job: Job, k: Normalizer, s: Sums) {
  for (var c = start; c.left > 0u;) {
    let n = innerSteps(c);
    for (var i = 0u; i < n; i++) {
      let at = offsetsAt(c, i);
      let dz = gradModulated(gradientAt(at), applyNormalizer(elementAt(at), k), parametersAt(at));
      let other = select(dz, load_dy(at.dy), FILL == FILL_KEEPS);
      store_dx(at.y, select(other, dz, maskAt(at) > Vec(0.0)));
    }
    c = advance(c, n, job);
  }
}
