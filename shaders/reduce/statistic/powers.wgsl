// The statistic is a sum of powers, as m2. The delta is the largest absolute value, from which the
// scale follows; of partials it is the largest power mean.
// Expects: reduce/magnitude/*, reduce/range/*, reduce/state, vector/*.
const ROUNDS = 2u; // for the range
const FIRST_IS_LARGEST = true;

fn summandsOf(x: Vec, pivot: PerGroup, scale: PerGroup) -> Summands {
  return Summands(abs(x), magnitude(x * scale));
}

fn summandsOfPartial(r: vec4f, pivot: PerGroup, scale: PerGroup) -> Summands {
  let root = select(rootOf(PerGroup(r.z / r.w)), PerGroup(-r.z), r.z < 0.0);
  return Summands(Vec(root), Vec(sumOfPartial(r, scale)));
}

fn addSummands(a: Summands, b: Summands) -> Summands {
  return Summands(max(a.first, b.first), a.second + b.second);
}

fn sumsOf(terms: Summands) -> Sums {
  return Sums(maxPerGroup(terms.first), sumPerGroup(terms.second));
}

fn momentsFrom(pivot: PerGroup, sums: Sums, n: PerGroup) -> Moments {
  return Moments(PerGroup(0.0), sums.first, sums.second, n);
}

fn betterPivot(m: Moments, scale: PerGroup) -> PerGroup {
  return m.pivot;
}
