// The sum of squares in a window around an element, along the axis that is the run.
// Expects: io/elements, loop/cursor, loop/operands, loop/uniforms, vector/*.

// Where a window starts that reaches so far back; in the windows of larger arrays there is room before the run, to
// which u32 wraps round.
fn windowStart(position: u32, back: u32) -> u32 {
  return position - min(position + params.base.size - 1u, back);
}

// Where one ends, exclusively.
fn windowEnd(position: u32, ahead: u32) -> u32 {
  return position + 1u + min(params.laneStride.size - params.base.size - position, ahead);
}

// k + alpha / size * sum(x^2).
fn lrnDenominator(c: Cursor, position: u32) -> Vec {
  var sum = Vec(0.0);
  let end = windowEnd(position, params.windowAfter);
  for (var j = windowStart(position, params.windowBefore); j != end; j++) {
    let v = elementAt(offsetBy(c.at, params.inner, j));
    sum += v * v;
  }
  return params.eps + params.alpha * sum;
}

// d^-exponent; quarters, as the usual 0.75, are products of fourth roots.
fn powNegative(d: Vec) -> Vec {
  let quarters = 4.0 * params.exponent;
  if (quarters > 16.0 || quarters != floor(quarters)) {
    return exp2(-params.exponent * log2(d));
  }
  let root = inverseSqrt(sqrt(d));
  var power = Vec(1.0);
  for (var i = 0u; i < u32(quarters); i++) {
    power *= root;
  }
  return power;
}
