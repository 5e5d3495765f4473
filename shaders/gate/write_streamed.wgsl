// This file writes y as epilogue/write/streamed.wgsl does, and the sum, which a gate before the norm
// has multiplied: it is read again, before a result overwrites what it is made of.
// Expects: epilogue/affine, gate/elements/*, gate/result, loop/cursor, reduce/source/*, reduce/state,
//   tensor sum, tensor y.
fn writeY(start: Cursor, job: Job, k: Normalizer) {
  var c = start;
  while (c.left > 0u) {
    let n = innerSteps(c);
    let p = parametersOfLoop(offsetsAt(c, 0u));
    for (var i = 0u; i < n; i++) {
      let at = offsetsAt(c, i);
      let v = elementAt(at);
      let sum = ungated(v, at);
      let y = resultOf(v, at, k, p);
      store_sum(at.sum, sum);
      store_y(at.y, y);
    }
    if (SHORT) {
      break;
    }
    c = advance(c, n, job);
  }
}
