// Statistic: a sum of magnitudes, as m2. No pivot, no mean.
// Expects: moments, a magnitude/*.
fn termsOf(x: Wide, pivot: Stat) -> Terms {
  return Terms(Wide(0.0), magnitude(x));
}

fn termsOfRecord(r: vec4f, pivot: Stat) -> Terms {
  return Terms(Wide(0.0), Wide(r.z));
}

fn plus(a: Terms, b: Terms) -> Terms {
  return Terms(a.first, a.second + b.second);
}

fn folded(terms: Terms) -> Sums {
  return Sums(Stat(0.0), fold(terms.second));
}

fn momentsOf(pivot: Stat, sums: Sums, n: f32) -> Moments {
  return Moments(Stat(0.0), Stat(0.0), sums.second, n);
}

fn isFar(m: Moments) -> bool {
  return false;
}

fn merged(a: Moments, b: Moments) -> Moments {
  return Moments(Stat(0.0), Stat(0.0), a.m2 + b.m2, a.n + b.n);
}
