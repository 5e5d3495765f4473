// The statistic is the sum of exponentials, as m2, relative to the largest element, the pivot.
// Expects: normalize/stable_exp, reduce/range/*, reduce/state, vector/*.

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

fn momentsFrom(pivot: PerGroup, sums: Sums, n: f32) -> Moments {
  return Moments(pivot, PerGroup(0.0), sums.second, n);
}

fn needsSecondPass(m: Moments) -> bool {
  return false;
}

fn mergeMoments(a: Moments, b: Moments) -> Moments {
  if (a.n == 0.0) {
    return b;
  }
  if (b.n == 0.0) {
    return a;
  }
  let pivot = max(a.pivot, b.pivot);
  let sum = a.m2 * exp(a.pivot - pivot) + b.m2 * exp(b.pivot - pivot);
  return Moments(pivot, PerGroup(0.0), sum, a.n + b.n);
}
