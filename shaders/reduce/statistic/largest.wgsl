// The statistic is the largest magnitude. Bits of numbers that are not negative have the order of
// the numbers, with NaN above infinity, so that NaN stays.
// Expects: reduce/magnitude/*, reduce/range/*, reduce/state, vector/*.
const ROUNDS = 2u; // for the range
const FIRST_IS_LARGEST = true;

fn summandsOf(x: Vec, pivot: PerGroup, scale: PerGroup) -> Summands {
  return Summands(magnitude(x * scale), Vec(0.0));
}

fn summandsOfPartial(r: vec4f, pivot: PerGroup, scale: PerGroup) -> Summands {
  return Summands(Vec(sumOfPartial(r, scale)), Vec(0.0));
}

fn addSummands(a: Summands, b: Summands) -> Summands {
  let largest = max(bitcast<VecBits>(a.first), bitcast<VecBits>(b.first));
  return Summands(bitcast<Vec>(largest), a.second);
}

fn sumsOf(terms: Summands) -> Sums {
  return Sums(maxPerGroup(terms.first), PerGroup(0.0));
}

fn momentsFrom(pivot: PerGroup, sums: Sums, n: PerGroup) -> Moments {
  return Moments(PerGroup(0.0), PerGroup(0.0), sums.first, n);
}

fn betterPivot(m: Moments, scale: PerGroup) -> PerGroup {
  return m.pivot;
}
