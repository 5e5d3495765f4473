// Mean as the exact-enough pair pivot + delta, and the sum of squared deviations from it. A mean
// rounded to one f32 costs 3e-8 * |mean| / std in every result; the pair costs nothing.
// Expects: a pack/*, a stat/*.
const LARGEST = 3.4028234663852886e38f;

struct Moments {
  pivot: Stat,
  delta: Stat,
  m2: Stat,
  n: f32,
}

struct Sums {
  first: Stat, // of x - pivot
  second: Stat, // of (x - pivot)^2
}

struct Terms { // the same before the components of a pack are summed
  first: Wide,
  second: Wide,
}

// Chan, Golub & LeVeque 1983, on pairs. Keeps the pivot that is nearer to the common mean.
fn merged(a: Moments, b: Moments) -> Moments {
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

// A pivot has to be finite, so that infinity in x makes the mean infinite, as in PyTorch.
fn usable(pivot: Stat) -> Stat {
  return select(Stat(0.0), pivot, abs(pivot) <= Stat(LARGEST));
}

// From sums around a pivot. Squares of more than 1.8e19 overflow: the variance is infinite then, rstd 0
// and y the bias, as in PyTorch. Rounding may take an m2 of nearly zero below it (max() swallows NaN).
fn momentsOf(pivot: Stat, sums: Sums, n: f32) -> Moments {
  let delta = sums.first / n;
  let m2 = sums.second - sums.first * delta;
  let overflow = (sums.second > Stat(LARGEST)) & (abs(sums.first) <= Stat(LARGEST));
  let positive = select(m2, Stat(0.0), m2 < Stat(0.0));
  return Moments(pivot, delta, select(positive, sums.second, overflow), n);
}

fn varianceOf(m: Moments) -> Stat {
  return m.m2 / m.n;
}
