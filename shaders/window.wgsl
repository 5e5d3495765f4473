// The sum of squares in a window around an element, along the axis that is the run.
// Expects: params, walk, source/elements, a stat/*.

// k + alpha / size * sum(x^2).
fn crowding(c: Cursor, position: u32) -> Wide {
  let first = position - min(position, params.windowBefore);
  let last = min(position + params.windowAfter, params.run.size - 1u);
  var sum = Wide(0.0);
  for (var j = first; j <= last; j++) {
    let v = value(moved(c.at, params.run, j));
    sum += v * v;
  }
  return params.eps + params.alpha * sum;
}

// d^-exponent; quarters, as the usual 0.75, are products of fourth roots.
fn lessened(d: Wide) -> Wide {
  let quarters = 4.0 * params.exponent;
  if (quarters > 16.0 || quarters != floor(quarters)) {
    return exp2(-params.exponent * log2(d));
  }
  let root = inverseSqrt(sqrt(d));
  var power = Wide(1.0);
  for (var i = 0u; i < u32(quarters); i++) {
    power *= root;
  }
  return power;
}
