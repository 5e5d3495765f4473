// Moments of an invocation's share, read from memory as often as needed. The pivot is the mean of
// a sample; should it lie far from the mean after all (an outlier in the sample), a second round
// starts from the mean. At most 32 additions in a row before folding: the error of a sum grows with
// the length of its chains (2.9e-5 for 16,384 in a row, 1e-6 so, at deviation 1).
// Expects: walk, a source/*, a stat/*, moments.
const CHAIN = 32u;
const SAMPLE = 4u;
const FAR = 4.0; // squared distance of pivot and mean, in variances

fn samplePivot(start: Cursor) -> Stat {
  let n = min(span(start), SAMPLE);
  let first = xAt(start);
  let origin = lead(value(first));
  var sum = Wide(0.0);
  for (var i = 0u; i < n; i++) {
    sum += value(first + i * xStride()) - origin;
  }
  return origin + fold(sum) / f32(n * PER_PACK);
}

fn accumulate(start: Cursor, job: Job, pivot: Stat) -> Sums {
  let stride = xStride();
  var c = start;
  var total = Sums();
  while (c.left > 0u) {
    var middle = Terms();
    for (var block = 0u; block < CHAIN && c.left > 0u; block++) {
      var inner = Terms();
      for (var room = CHAIN; room > 0u && c.left > 0u;) {
        let n = min(room, span(c));
        var at = xAt(c);
        for (var i = 0u; i < n; i++) {
          let terms = weigh(at, pivot);
          inner.first += terms.first;
          inner.second += terms.second;
          at += stride;
        }
        room -= n;
        c = skip(c, n, job);
      }
      middle.first += inner.first;
      middle.second += inner.second;
    }
    total.first += fold(middle.first);
    total.second += fold(middle.second);
  }
  return total;
}

fn measure(start: Cursor, job: Job) -> Moments {
  if (start.left == 0u) {
    return Moments();
  }
  let n = countOf(start, job);
  let sample = samplePivot(start);
  let m = momentsOf(sample, accumulate(start, job, sample), n);
  if (!any(m.delta * m.delta * n > FAR * m.m2)) {
    return m;
  }
  let mean = m.pivot + m.delta;
  return momentsOf(mean, accumulate(start, job, mean), n);
}
