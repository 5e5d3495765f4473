// Moments of an invocation's share, which stays in registers: x is read once.
// Expects: walk, source/elements, a stat/*, moments.
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
  let n = f32(left * PER_PACK);
  let origin = lead(held[0]);
  let pivot = usable(origin + sums(left, origin).first / n);
  return momentsOf(pivot, sums(left, pivot), n);
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
