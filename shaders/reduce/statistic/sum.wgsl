// The statistic is a sum of magnitudes, as m2. It has no pivot and no mean.
// Expects: reduce/magnitude/*, reduce/range/*, reduce/state, vector/*.
const ROUNDS = 2u; // for the range
const FIRST_IS_LARGEST = false;

fn summandsOf(x: Vec, pivot: PerGroup, scale: PerGroup) -> Summands {
  return Summands(Vec(0.0), magnitude(x * scale - pivot));
}

fn summandsOfPartial(r: vec4f, pivot: PerGroup, scale: PerGroup) -> Summands {
  return Summands(Vec(0.0), Vec(sumOfPartial(r, scale)));
}

fn addSummands(a: Summands, b: Summands) -> Summands {
  return Summands(a.first, a.second + b.second);
}

fn sumsOf(terms: Summands) -> Sums {
  return Sums(PerGroup(0.0), sumPerGroup(terms.second));
}

fn momentsFrom(pivot: PerGroup, sums: Sums, n: PerGroup) -> Moments {
  return Moments(pivot, PerGroup(0.0), sums.second, n);
}

fn betterPivot(m: Moments, scale: PerGroup) -> PerGroup {
  return m.pivot;
}
