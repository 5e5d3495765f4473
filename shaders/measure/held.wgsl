// Moments of an invocation's share, which stays in registers: x is read once.
// Expects: walk, source/elements, a stat/*, moments.
override HELD = 4u; // packs an invocation, at most 16

var<private> held: array<Wide, 16>;

fn measure(job: Job) -> Moments {
  var c = begin(job);
  let left = c.left;
  if (left == 0u) {
    return Moments();
  }
  for (var i = 0u; i < HELD; i++) {
    if (i < left) {
      held[i] = value(c);
      c = advance(c, job);
    }
  }
  let n = f32(left * PER_PACK);
  let origin = lead(held[0]);
  let pivot = origin + sums(left, origin).first / n;
  let exact = sums(left, pivot);
  let delta = exact.first / n;
  return Moments(pivot, delta, exact.second - exact.first * delta, n);
}

fn sums(left: u32, pivot: Stat) -> Sums {
  var first = Wide(0.0);
  var second = Wide(0.0);
  for (var i = 0u; i < HELD; i++) {
    let t = select(Wide(0.0), held[i] - pivot, i < left);
    first += t;
    second += t * t;
  }
  return Sums(fold(first), fold(second));
}

fn rounds(c: Cursor) -> u32 {
  return HELD;
}

fn element(c: Cursor, index: u32) -> Wide {
  return held[index];
}
