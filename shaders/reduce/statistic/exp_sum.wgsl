// Statistic: the sum of exponentials, as m2, relative to the largest element, the pivot.
// Expects: exponential, moments.

fn termsOf(x: Wide, pivot: Stat) -> Terms {
  return Terms(Wide(0.0), exponential(x - pivot));
}

fn termsOfRecord(r: vec4f, pivot: Stat) -> Terms {
  return Terms(Wide(0.0), Wide(r.z * exp(r.x - pivot)));
}

fn plus(a: Terms, b: Terms) -> Terms {
  return Terms(a.first, a.second + b.second);
}

fn folded(terms: Terms) -> Sums {
  return Sums(Stat(0.0), fold(terms.second));
}

fn momentsOf(pivot: Stat, sums: Sums, n: f32) -> Moments {
  return Moments(pivot, Stat(0.0), sums.second, n);
}

fn isFar(m: Moments) -> bool {
  return false;
}

fn merged(a: Moments, b: Moments) -> Moments {
  if (a.n == 0.0) {
    return b;
  }
  if (b.n == 0.0) {
    return a;
  }
  let pivot = max(a.pivot, b.pivot);
  let sum = a.m2 * exp(a.pivot - pivot) + b.m2 * exp(b.pivot - pivot);
  return Moments(pivot, Stat(0.0), sum, a.n + b.n);
}
