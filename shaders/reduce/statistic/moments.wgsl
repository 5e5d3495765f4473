// The statistic is mean and variance.
// Expects: reduce/range/*, reduce/state, vector/*.
const ROUNDS = 3u; // for the range, then for the pivot
const FIRST_IS_LARGEST = false;

fn summandsOf(x: Vec, pivot: PerGroup, scale: PerGroup) -> Summands {
  let t = x * scale - pivot;
  return Summands(t, t * t);
}

fn summandsOfPartial(r: vec4f, pivot: PerGroup, scale: PerGroup) -> Summands {
  let t = (r.x * scale - pivot) + r.y * scale;
  return Summands(Vec(r.w * t), Vec(sumOfPartial(r, scale) + r.w * t * t));
}

fn addSummands(a: Summands, b: Summands) -> Summands {
  return Summands(a.first + b.first, a.second + b.second);
}

fn sumsOf(terms: Summands) -> Sums {
  return Sums(sumPerGroup(terms.first), sumPerGroup(terms.second));
}

// Moments follow from sums around a pivot. Rounding may take an m2 of nearly zero below zero; max()
// alone would turn NaN into 0 there.
fn momentsFrom(pivot: PerGroup, sums: Sums, n: PerGroup) -> Moments {
  let delta = sums.first / n;
  let m2 = sums.second - sums.first * delta;
  let positive = nanOrPerGroup(m2, max(m2, PerGroup(0.0)));
  return Moments(pivot, delta, positive, n);
}

// The mean replaces a pivot that lies more than a deviation from it. A mean of scaled elements must
// not be rounded to more than the largest number.
fn betterPivot(m: Moments, scale: PerGroup) -> PerGroup {
  let far = m.delta * m.delta * m.n > m.m2;
  let most = LARGEST * min(scale, PerGroup(1.0));
  return select(m.pivot, clamp(m.pivot + m.delta, -most, most), far);
}
