// The moments follow from exact sums in whole numbers, each rounded once, to the nearest f32: they
// have the same bits on every device. The mean is S / n, and the variance is
// (n Q - S^2) / (n (n - correction)).
// Expects: exact/lanes/*, exact/sums, loop/cursor, loop/uniforms, store/statistics_buffer, vector/*.
override SHIFT = 0u; // the sums are those of elements + SHIFT

fn plus(a: vec4u, b: vec4u) -> vec4u {
  var sum = vec4u(0u);
  var carry = 0u;
  for (var i = 0u; i < 4u; i++) {
    let plain = a[i] + b[i];
    sum[i] = plain + carry;
    carry = u32(plain < a[i]) + u32(sum[i] < plain);
  }
  return sum;
}

fn minus(a: vec4u, b: vec4u) -> vec4u {
  return plus(plus(a, ~b), vec4u(1u, 0u, 0u, 0u));
}

fn isLess(a: vec4u, b: vec4u) -> bool {
  var less = false;
  for (var i = 0u; i < 4u; i++) {
    less = select(a[i] < b[i], less, a[i] == b[i]);
  }
  return less;
}

// The product of two words.
fn product(a: u32, b: u32) -> vec4u {
  return vec4u(a * b, highProduct(a, b), 0u, 0u);
}

// The product of numbers of two words.
fn times(a: vec2u, b: vec2u) -> vec4u {
  var sum = vec4u(product(a.x, b.x).xy, product(a.y, b.y).xy);
  for (var i = 0u; i < 2u; i++) {
    let mixed = product(a[i], b[1u - i]);
    sum = plus(sum, vec4u(0u, mixed.x, mixed.y, 0u));
  }
  return sum;
}

// The quotient is the nearest f32, ties to even. Bits come one by one, 25 from the first that is 1:
// a mantissa and one to round by; then whether anything is left.
fn quotient(numerator: vec4u, denominator: vec4u) -> f32 {
  if (all(numerator == vec4u(0u))) {
    return 0.0;
  }
  var rest = vec4u(0u);
  var bits = 0u;
  var last = 0; // exponent of the last bit
  var beyond = false;
  var top = 0;
  for (var i = 0; i < 4; i++) {
    top = select(top, 32 * i + 31 - i32(countLeadingZeros(numerator[i])), numerator[i] != 0u);
  }
  for (var at = top; at >= 0 || bits < 0x1000000u; at--) {
    rest = plus(rest, rest);
    if (at >= 0) {
      rest.x |= (numerator[u32(at) / 32u] >> (u32(at) % 32u)) & 1u;
    }
    let one = !isLess(rest, denominator);
    if (one) {
      rest = minus(rest, denominator);
    }
    if (bits < 0x1000000u) {
      bits = 2u * bits + u32(one);
      last = at;
    } else {
      beyond = beyond || one;
    }
  }
  let isOdd = (bits & 2u) != 0u;
  let up = (bits & 1u) != 0u && (isOdd || beyond || any(rest != vec4u(0u)));
  let mantissa = (bits >> 1u) + u32(up); // 2^24 carries into the exponent
  return bitcast<f32>((u32(last + 151) << 23u) + (mantissa - 0x800000u));
}

fn storeIn(base: u32, at: u32, value: f32) {
  if (base != NONE) {
    statistics[base + at] = value;
  }
}

// Each kind of work is in a loop, since compilers on the CPU copy a function to each of its calls.
fn storeGroup(first: vec2u, second: vec2u, at: u32) {
  let n = params.elements;
  let sum = vec4u(first, 0u, 0u);
  let shift = product(n, SHIFT);
  let isNegative = isLess(sum, shift);
  let size = minus(select(sum, shift, isNegative), select(shift, sum, isNegative));
  var whole = 0u; // of the mean, bit by bit
  for (var bit = 0x8000u; bit > 0u; bit /= 2u) {
    if (!isLess(size, product(n, whole + bit))) {
      whole += bit;
    }
  }
  var factors = array<vec2u, 4>(vec2u(n, 0u), second, first, first);
  var products: array<vec4u, 2>;
  for (var i = 0u; i < 2u; i++) {
    products[i] = times(factors[2u * i], factors[2u * i + 1u]);
  }
  var whats = array<vec4u, 3>(size, size, products[0]);
  var less = array<vec4u, 3>(vec4u(0u), product(n, whole), products[1]);
  var parts = array<vec4u, 3>(product(n, 1u), product(n, 1u), product(n, params.divisor));
  var results: array<f32, 3>;
  for (var i = 0u; i < 3u; i++) {
    results[i] = quotient(minus(whats[i], less[i]), parts[i]);
  }
  let sign = select(1.0, -1.0, isNegative);
  storeIn(params.meanBase, at, sign * results[0]);
  storeIn(params.pivotBase, at, sign * f32(whole));
  storeIn(params.deltaBase, at, sign * results[1]);
  let root = sqrt(results[2]);
  storeIn(params.correctedBase, at, select(results[2], root, params.squareRoot == 1u));
}

fn storeExact(sums: ExactSums, job: Job) {
  for (var i = 0u; i < GROUPS_PER_VECTOR; i++) {
    let first = vec2u(bitsOfGroup(sums.first.low, i), bitsOfGroup(sums.first.high, i));
    let second = vec2u(bitsOfGroup(sums.second.low, i), bitsOfGroup(sums.second.high, i));
    storeGroup(first, second, job.origin.statistics + i * params.laneStride.statistics);
  }
}
