// The statistic is the largest magnitude, as m2. NaN stays: where a comparison with it is false,
// the sum is taken.
// Expects: reduce/magnitude/*, reduce/range/*, reduce/state, vector/*.
fn summandsOf(x: Vec, pivot: PerGroup, scale: PerGroup) -> Summands {
  return Summands(Vec(0.0), magnitude(x * scale));
}

fn summandsOfPartial(r: vec4f, pivot: PerGroup, scale: PerGroup) -> Summands {
  return Summands(Vec(0.0), Vec(sumOfPartial(r, scale)));
}

fn addSummands(a: Summands, b: Summands) -> Summands {
  let either = select(a.second + b.second, b.second, b.second >= a.second);
  return Summands(a.first, select(either, a.second, a.second > b.second));
}

fn sumsOf(terms: Summands) -> Sums {
  return Sums(PerGroup(0.0), maxPerGroup(terms.second));
}

fn momentsFrom(pivot: PerGroup, sums: Sums, n: f32) -> Moments {
  return Moments(PerGroup(0.0), PerGroup(0.0), sums.second, n);
}

fn needsSecondPass(m: Moments) -> bool {
  return false;
}

fn mergeMoments(a: Moments, b: Moments) -> Moments {
  let either = select(a.m2 + b.m2, b.m2, b.m2 >= a.m2);
  return Moments(PerGroup(0.0), PerGroup(0.0), select(either, a.m2, a.m2 > b.m2), a.n + b.n);
}
