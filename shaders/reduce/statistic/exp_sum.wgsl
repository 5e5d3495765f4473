// The statistic is the sum of exponentials, as m2, relative to the largest element, the pivot.
// Expects: normalize/stable_exp, reduce/range/*, reduce/state, vector/*.
const ROUNDS = 1u;
const FIRST_IS_LARGEST = false;

fn summandsOf(x: Vec, pivot: PerGroup, scale: PerGroup) -> Summands {
  return Summands(Vec(0.0), stableExp(x - pivot));
}

fn summandsOfPartial(r: vec4f, pivot: PerGroup, scale: PerGroup) -> Summands {
  return Summands(Vec(0.0), Vec(sumOfPartial(r, scale) * exp(r.x - pivot)));
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
