// This file writes y for an invocation's share. It reads x from memory again.
// Expects: epilogue/affine, epilogue/parameters/*, epilogue/result/*, loop/cursor, loop/operands,
//   reduce/source/*, reduce/state, vector/*, tensor y.

fn writeElement(at: Offsets, v: Vec, k: Normalizer, ofLoop: Parameters) {
  let y = resultOf(v, at, k, ofLoop);
  storeSum(at, v);
  store_y(at.y, y);
}

fn writeY(start: Cursor, job: Job, k: Normalizer) {
  var c = start;
  while (c.left > 0u) {
    let n = innerSteps(c);
    let p = parametersOfLoop(offsetsAt(c, 0u));
    if (BY_FOUR) {
      var i = 0u;
      for (; i + 4u <= n; i += 4u) {
        let a = elementAt(offsetsAt(c, i));
        let b = elementAt(offsetsAt(c, i + 1u));
        let d = elementAt(offsetsAt(c, i + 2u));
        let e = elementAt(offsetsAt(c, i + 3u));
        writeElement(offsetsAt(c, i), a, k, p);
        writeElement(offsetsAt(c, i + 1u), b, k, p);
        writeElement(offsetsAt(c, i + 2u), d, k, p);
        writeElement(offsetsAt(c, i + 3u), e, k, p);
      }
      if (i < n) { // at most three are left: a load in a branch would wait for the one before
        let a = elementAt(offsetsAt(c, i));
        let b = elementAt(offsetsAt(c, min(i + 1u, n - 1u)));
        let d = elementAt(offsetsAt(c, n - 1u));
        writeElement(offsetsAt(c, i), a, k, p);
        if (i + 1u < n) {
          writeElement(offsetsAt(c, i + 1u), b, k, p);
        }
        if (i + 2u < n) {
          writeElement(offsetsAt(c, i + 2u), d, k, p);
        }
      }
    } else {
      for (var i = 0u; i < n; i++) {
        let at = offsetsAt(c, i);
        writeElement(at, elementAt(at), k, p);
      }
    }
    if (SHORT) {
      break;
    }
    c = advance(c, n, job);
  }
}
