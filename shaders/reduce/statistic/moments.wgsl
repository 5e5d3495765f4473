// The statistic is mean and variance.
// Expects: reduce/range/*, reduce/state, vector/*.
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
// would turn NaN into 0 there.
fn momentsFrom(pivot: PerGroup, sums: Sums, n: f32) -> Moments {
  let delta = sums.first / n;
  let m2 = sums.second - sums.first * delta;
  let positive = select(m2, PerGroup(0.0), m2 < PerGroup(0.0));
  return Moments(pivot, delta, positive, n);
}

// A second pass starts from the mean where the pivot lies more than a deviation from it.
fn needsSecondPass(m: Moments) -> bool {
  return any(m.delta * m.delta * m.n > m.m2);
}

// The merge is that of Chan, Golub & LeVeque 1983 on pairs. The pivot nearer to the common
// mean stays.
fn mergeMoments(a: Moments, b: Moments) -> Moments {
  if (a.n == 0.0) {
    return b;
  }
  if (b.n == 0.0) {
    return a;
  }
  let n = a.n + b.n;
  let shareA = a.n / n;
  let shareB = b.n / n;
  let gap = b.pivot - a.pivot;
  let apart = gap + (b.delta - a.delta);
  let fromA = a.delta * shareA + (gap + b.delta) * shareB;
  let fromB = b.delta * shareB + (a.delta - gap) * shareA;
  let keepA = abs(fromA) <= abs(fromB);
  return Moments(
    select(b.pivot, a.pivot, keepA),
    select(fromB, fromA, keepA),
    a.m2 + b.m2 + apart * apart * (a.n * shareB),
    n,
  );
}
