// dx of an invocation's share, with x and the gradient at the normalized x still in registers.
// Expects: totals/held, walk, a form/*, a gradient/*, ports y, dSum.
fn writeGradient(start: Cursor, job: Job, k: Known, s: Sums) {
  let t = Terms(Wide(s.first), Wide(s.second));
  var c = start;
  for (var i = 0u; i < HELD; i++) {
    if (c.left > 0u) {
      let at = placeAt(c, 0u);
      let u = normalized(held[i], k);
      store_y(at.y, outgoing(heldGradient[i], u, held[i], k, t) + load_dSum(at.dSum));
      c = skip(c, 1u, job);
    }
  }
}
