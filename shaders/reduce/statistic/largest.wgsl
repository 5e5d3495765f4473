// The statistic is the largest magnitude. NaN stays: where a comparison with it is false, the sum is
// taken.
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
  let either = select(a.first + b.first, b.first, b.first >= a.first);
  return Summands(select(either, a.first, a.first > b.first), a.second);
}

fn sumsOf(terms: Summands) -> Sums {
  return Sums(maxPerGroup(terms.first), PerGroup(0.0));
}

fn momentsFrom(pivot: PerGroup, sums: Sums, n: f32) -> Moments {
  return Moments(PerGroup(0.0), PerGroup(0.0), sums.first, n);
}

fn betterPivot(m: Moments, scale: PerGroup) -> PerGroup {
  return m.pivot;
}
