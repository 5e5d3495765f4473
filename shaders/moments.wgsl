// Mean as the exact-enough pair pivot + delta, and the sum of squared deviations from it. A mean
// rounded to one f32 costs 3e-8 * |mean| / std in every result; the pair costs nothing.
// Expects: a pack/*, a stat/*.
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
  let apart = (b.pivot - a.pivot) + (b.delta - a.delta);
  let fromA = a.delta + apart * (b.n / n);
  let fromB = b.delta - apart * (a.n / n);
  let keepA = abs(fromA) <= abs(fromB);
  return Moments(
    select(b.pivot, a.pivot, keepA),
    select(fromB, fromA, keepA),
    a.m2 + b.m2 + apart * apart * (a.n * (b.n / n)),
    n,
  );
}

// From sums around a pivot. Rounding may take an m2 of nearly zero below it; max() would swallow NaN.
fn momentsOf(pivot: Stat, sums: Sums, n: f32) -> Moments {
  let delta = sums.first / n;
  let m2 = sums.second - sums.first * delta;
  return Moments(pivot, delta, select(m2, Stat(0.0), m2 < Stat(0.0)), n);
}

fn varianceOf(m: Moments) -> Stat {
  return m.m2 / m.n;
}
