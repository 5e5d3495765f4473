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
    var i = 0u;
    if (BY_FOUR) {
      for (; i + 4u <= n; i += 4u) {
        var four: array<Vec, 4>;
        for (var j = 0u; j < 4u; j++) {
          four[j] = elementAt(offsetsAt(c, i + j));
        }
        for (var j = 0u; j < 4u; j++) {
          writeElement(offsetsAt(c, i + j), four[j], k, p);
        }
      }
    }
    for (; i < n; i++) {
      let at = offsetsAt(c, i);
      writeElement(at, elementAt(at), k, p);
    }
    if (SHORT) {
      break;
    }
    c = advance(c, n, job);
  }
}
