// Statistic: the largest magnitude, as m2. NaN stays: where a comparison with it is false, the sum has it.
// Expects: a stat/*, moments, a magnitude/*.
fn termsOf(x: Wide, pivot: Stat) -> Terms {
  return Terms(Wide(0.0), magnitude(x));
}

fn termsOfRecord(r: vec4f, pivot: Stat) -> Terms {
  return Terms(Wide(0.0), Wide(r.z));
}

fn plus(a: Terms, b: Terms) -> Terms {
  let either = select(a.second + b.second, b.second, b.second >= a.second);
  return Terms(a.first, select(either, a.second, a.second > b.second));
}

fn folded(terms: Terms) -> Sums {
  return Sums(Stat(0.0), foldLargest(terms.second));
}

fn momentsOf(pivot: Stat, sums: Sums, n: f32) -> Moments {
  return Moments(Stat(0.0), Stat(0.0), sums.second, n);
}

fn isFar(m: Moments) -> bool {
  return false;
}

fn merged(a: Moments, b: Moments) -> Moments {
  let either = select(a.m2 + b.m2, b.m2, b.m2 >= a.m2);
  return Moments(Stat(0.0), Stat(0.0), select(either, a.m2, a.m2 > b.m2), a.n + b.n);
}
