// This file sums the squares in a window around an element, along the inner loop.
// Expects: io/elements, loop/cursor, loop/operands, loop/uniforms, vector/*.

// A window starts up to `back` elements before its centre. In a tile it may start before the inner
// loop; the index then wraps around in u32, and so does the sum of offsets.
fn windowStart(position: u32, back: u32) -> u32 {
  return position - min(position + params.base.size - 1u, back);
}

// The end of a window is exclusive.
fn windowEnd(position: u32, ahead: u32) -> u32 {
  return position + 1u + min(params.laneStride.size - params.base.size - position, ahead);
}

// The denominator is k + alpha / size * sum(x^2). In the uniforms, eps is k and alpha is
// alpha / size.
fn lrnDenominator(c: Cursor, position: u32) -> Vec {
  var sum = Vec(0.0);
  let end = windowEnd(position, params.windowAfter);
  for (var j = windowStart(position, params.windowBefore); j != end; j++) {
    let v = elementAt(offsetBy(c.at, params.inner, j));
    sum += v * v;
  }
  return params.eps + params.alpha * sum;
}

// The result is x d^-exponent. It is in range where a power of d alone would not be, which a
// compiler must not compute first. Quarters, such as the usual 0.75, are products of fourth roots.
// NaN is selected explicitly, because exp2(NaN) is not NaN on SwiftShader.
fn dividedByPower(x: Vec, d: Vec) -> Vec {
  let quarters = 4.0 * params.exponent;
  if (quarters > 16.0 || quarters != floor(quarters)) {
    let root = select(sqrt(d), exp2(-0.5 * params.exponent * log2(d)), d >= Vec(0.0));
    return kept(x * root) * root;
  }
  let root = inverseSqrt(sqrt(d));
  var result = x;
  for (var i = 0u; i < u32(quarters); i++) {
    result = kept(result * root);
  }
  return result;
}
