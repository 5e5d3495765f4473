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

// Moments follow from sums around a pivot. An m2 of less than the rounding of its terms is 0: that
// of equal elements, whose pivot is off by a few units in the last place.
const ROUNDING = 1.9073486e-6f; // 2^-19: sums, and a division that WGSL lets be off by 2.5 units

fn momentsFrom(pivot: PerGroup, sums: Sums, n: PerGroup) -> Moments {
  let delta = sums.first / n;
  let m2 = sums.second - sums.first * delta;
  let least = min(sums.second, PerGroup(LARGEST)) * ROUNDING; // an infinite m2 stays
  let positive = nanOrPerGroup(m2, select(m2, PerGroup(0.0), m2 < least));
  return Moments(pivot, delta, positive, n);
}

// The mean replaces a pivot that lies more than a deviation from it. A mean of scaled elements must
// not be rounded to more than the largest number.
fn betterPivot(m: Moments, scale: PerGroup) -> PerGroup {
  let far = m.delta * m.delta * m.n > m.m2;
  let most = LARGEST * min(scale, PerGroup(1.0));
  return select(m.pivot, clamp(m.pivot + m.delta, -most, most), far);
}
