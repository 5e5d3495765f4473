// Moments of an invocation's share, read from memory as often as needed. The pivot is the mean of a few
// elements of the first run; should it lie more than a deviation from the mean after all (an outlier
// among the few), a second round starts from that mean. At most 32 additions in a row before folding:
// the error of a sum grows with its chains (2.9e-5 for 16,384 in a row, 1e-6 so, at deviation 1).
// Expects: walk, a source/*, a stat/*, moments.
const CHAIN = 32u;
const FAR = 1.0; // squared distance of pivot and mean, in variances

fn samplePivot(start: Cursor) -> Stat {
  let steps = span(start);
  let apart = max(steps / 8u, 2u * PER_PACK);
  let origin = lead(value(xAt(start)));
  var sum = Wide(0.0);
  var n = 0u;
  for (var i = 0u; i < steps; i += apart) {
    sum += value(xAt(start) + i * xStride()) - origin;
    n += PER_PACK;
  }
  return usable(origin + fold(sum) / f32(n));
}

fn plus(a: Terms, b: Terms) -> Terms {
  return Terms(a.first + b.first, a.second + b.second);
}

fn accumulate(start: Cursor, job: Job, pivot: Stat) -> Sums {
  let stride = xStride();
  var c = start;
  var block = Terms(); // of 32 packs
  var chunk = Terms(); // of 32 blocks
  var total = Terms();
  var packs = 0u;
  while (c.left > 0u) {
    let n = min(span(c), CHAIN - packs % CHAIN);
    var at = xAt(c);
    for (var i = 0u; i < n; i++) {
      block = plus(block, weigh(at, pivot));
      at += stride;
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
  total = plus(total, plus(chunk, block));
  return Sums(fold(total.first), fold(total.second));
}

fn measure(start: Cursor, job: Job) -> Moments {
  if (start.left == 0u) {
    return Moments();
  }
  let n = countOf(start, job);
  var m = Moments(samplePivot(start), Stat(0.0), Stat(0.0), n);
  for (var round = 0u; round < 2u; round++) {
    let pivot = m.pivot + m.delta;
    m = momentsOf(pivot, accumulate(start, job, pivot), n);
    if (!any(m.delta * m.delta * n > FAR * m.m2)) {
      break;
    }
  }
  return m;
}
