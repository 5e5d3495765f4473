// This file writes dx for an invocation's share. It reads x and dy from memory again.
// Expects: backward/chain, backward/dy/*, backward/through/*, epilogue/affine,
//   epilogue/parameters/*, loop/cursor, loop/operands, normalize/apply/*, reduce/source/*,
//   reduce/state, vector/*, tensor dx.

fn dxAt(at: Offsets, k: Normalizer, t: Summands, ofLoop: Parameters) -> Vec {
  let p = parametersWithin(ofLoop, at);
  let x = elementAt(at);
  let u = applyNormalizer(x, k);
  return throughNorm(at, gradNormalized(gradientAt(at), u, p), u, x, k, t);
}

fn writeDx(start: Cursor, job: Job, k: Normalizer, s: Sums) {
  let t = Summands(Vec(s.first), Vec(s.second));
  var c = start;
  while (c.left > 0u) {
    let n = innerSteps(c);
    let p = parametersOfLoop(offsetsAt(c, 0u));
    var i = 0u;
    if (BY_FOUR) {
      for (; i + 4u <= n; i += 4u) {
        let a = dxAt(offsetsAt(c, i), k, t, p);
        let b = dxAt(offsetsAt(c, i + 1u), k, t, p);
        let d = dxAt(offsetsAt(c, i + 2u), k, t, p);
        let e = dxAt(offsetsAt(c, i + 3u), k, t, p);
        store_dx(offsetsAt(c, i).y, a);
        store_dx(offsetsAt(c, i + 1u).y, b);
        store_dx(offsetsAt(c, i + 2u).y, d);
        store_dx(offsetsAt(c, i + 3u).y, e);
      }
    }
    // No element of the rest comes twice, since gates' gradients are stored where dx is made.
    for (; i < n; i++) {
      let at = offsetsAt(c, i);
      store_dx(at.y, dxAt(at, k, t, p));
    }
    if (SHORT) {
      break;
    }
    c = advance(c, n, job);
  }
}
