// A statistic of an invocation's share, read from memory as often as needed. Should the pivot lie more
// than a deviation from the mean (an outlier among the elements that it was taken from), a second round
// starts from that mean. At most 32 additions in a row before folding: the error of a sum grows with its
// chains (2.9e-5 for 16,384 in a row, 1e-6 so, at deviation 1).
// Expects: walk, a source/*, a stat/*, a statistic/*, a pivot/*, moments.
const CHAIN = 32u;

fn accumulate(start: Cursor, job: Job, pivot: Stat) -> Sums {
  var c = start;
  var block = Terms(); // of 32 packs
  var chunk = Terms(); // of 32 blocks
  var total = Terms();
  var packs = 0u;
  while (c.left > 0u) {
    let n = min(span(c), CHAIN - packs % CHAIN);
    for (var i = 0u; i < n; i++) {
      block = plus(block, weigh(placeAt(c, i), pivot));
    }
    packs += n;
    if (packs % CHAIN == 0u) {
      chunk = plus(chunk, block);
      block = Terms();
    }
    if (packs % (CHAIN * CHAIN) == 0u) {
      total = plus(total, chunk);
      chunk = Terms();
    }
    c = skip(c, n, job);
  }
  return folded(plus(total, plus(chunk, block)));
}

fn measure(start: Cursor, job: Job) -> Moments {
  if (start.left == 0u) {
    return Moments();
  }
  let n = countOf(start, job);
  var pivot = pivotOf(start, job);
  var m: Moments;
  for (var round = 0u; round < 2u; round++) {
    m = momentsOf(pivot, accumulate(start, job, pivot), n);
    if (!isFar(m)) {
      break;
    }
    pivot = m.pivot + m.delta;
  }
  return m;
}
