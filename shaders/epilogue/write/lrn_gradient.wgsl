// The gradient is dx = dy d^-exponent - 2 exponent alpha / size x sum(terms), over all elements
// whose windows contain this one. The pass of write/lrn_gradient_terms.wgsl wrote the terms.
// Expects: epilogue/lrn_window, io/elements, loop/cursor, loop/operands, loop/uniforms,
//   reduce/state, vector/*, tensor dSum, tensor dy, tensor y.
fn sumOfTermsAround(c: Cursor, position: u32) -> Vec {
  var sum = Vec(0.0);
  let end = windowEnd(position, params.windowBefore);
  for (var j = windowStart(position, params.windowAfter); j != end; j++) {
    sum += load_dSum(offsetBy(c.at, params.inner, j).dSum);
  }
  return sum;
}

fn writeY(start: Cursor, job: Job, k: Normalizer) {
  for (var c = start; c.left > 0u;) {
    let n = innerSteps(c);
    for (var i = 0u; i < n; i++) {
      let at = offsetsAt(c, i);
      let position = c.position + i * TEAM;
      let own = dividedByPower(load_dy(at.dy), lrnDenominator(c, position));
      let others = 2.0 * params.exponent * params.alpha * elementAt(at) * sumOfTermsAround(c, position);
      store_y(at.y, own - others);
    }
    c = advance(c, n, job);
  }
}
