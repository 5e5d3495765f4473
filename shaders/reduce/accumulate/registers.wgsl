// A statistic of an invocation's share, which stays in registers: x is read once.
// Expects: held, walk, source/elements, a stat/*, a statistic/*, a pivot/*, moments.
fn measure(start: Cursor, job: Job) -> Moments {
  let left = start.left;
  if (left == 0u) {
    return Moments();
  }
  hold(start, job);
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
