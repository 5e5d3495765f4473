// Moments of an invocation's share, read from memory as often as needed. The pivot is the mean of
// a sample; should it lie far from the mean after all (an outlier in the sample), a second round
// starts from the mean. At most 32 additions in a row before folding: the error of a sum grows with
// the length of its chains (2.9e-5 for 16,384 in a row, 1e-6 so, at deviation 1).
// Expects: walk, a source/*, a stat/*, moments.
const CHAIN = 32u;
const SAMPLE = 8u;
const FAR = 4.0; // squared distance of pivot and mean, in variances

fn samplePivot(start: Cursor, job: Job) -> Stat {
  var c = start;
  let n = min(c.left, SAMPLE);
  let origin = lead(value(c));
  var sum = Wide(0.0);
  for (var i = 0u; i < n; i++) {
    sum += value(c) - origin;
    c = advance(c, job);
  }
  return origin + fold(sum) / f32(n * PER_PACK);
}

fn accumulate(start: Cursor, job: Job, pivot: Stat) -> Sums {
  var c = start;
  var total = Sums();
  while (c.left > 0u) {
    var middle = Terms();
    for (var block = 0u; block < CHAIN && c.left > 0u; block++) {
      var inner = Terms();
      for (var n = min(c.left, CHAIN); n > 0u; n--) {
        let terms = weigh(c, pivot);
        inner.first += terms.first;
        inner.second += terms.second;
        c = advance(c, job);
      }
      middle.first += inner.first;
      middle.second += inner.second;
    }
    total.first += fold(middle.first);
    total.second += fold(middle.second);
  }
  return total;
}

fn measure(job: Job) -> Moments {
  let start = begin(job);
  if (start.left == 0u) {
    return Moments();
  }
  let n = countOf(start, job);
  var pivot = samplePivot(start, job);
  var delta = Stat(0.0);
  var m2 = Stat(0.0);
  for (var round = 0u; round < 2u; round++) {
    pivot += delta;
    let sums = accumulate(start, job, pivot);
    delta = sums.first / n;
    m2 = sums.second - sums.first * delta;
    if (!any(delta * delta * n > FAR * m2)) {
      break;
    }
  }
  return Moments(pivot, delta, m2, n);
}

fn rounds(c: Cursor) -> u32 {
  return c.left;
}

fn element(c: Cursor, index: u32) -> Wide {
  return value(c);
}
