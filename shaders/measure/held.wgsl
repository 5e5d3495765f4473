// A statistic of an invocation's share, which stays in registers: x is read once.
// Expects: walk, source/elements, a stat/*, a statistic/*, a pivot/*, moments.
override HELD = 4u; // packs an invocation, at most 16

var<private> held: array<Wide, 16>;

fn measure(start: Cursor, job: Job) -> Moments {
  var c = start;
  let left = c.left;
  if (left == 0u) {
    return Moments();
  }
  for (var i = 0u; i < HELD; i++) {
    if (i < left) {
      held[i] = value(xAt(c));
      c = skip(c, 1u, job);
    }
  }
  let pivot = pivotOf(start, job);
  return momentsOf(pivot, sums(left, pivot), f32(left * PER_PACK));
}

fn sums(left: u32, pivot: Stat) -> Sums {
  var total = Terms();
  for (var i = 0u; i < HELD; i++) {
    if (i < left) {
      total = plus(total, termsOf(held[i], pivot));
    }
  }
  return folded(total);
}
