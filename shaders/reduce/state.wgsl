// What is known of a group while it is measured: for moments the mean as the pair pivot + delta, and m2, the
// sum of squared deviations from it. (A mean rounded to one f32 would cost 3e-8 * |mean| / std in every
// result.) Other statistics use the same places; statistic/* says how.
// Expects: vector/*.
const LARGEST = 3.4028234663852886e38f;

struct Moments {
  pivot: PerGroup,
  delta: PerGroup,
  m2: PerGroup,
  n: f32, // 0: of nothing
}

struct Sums {
  first: PerGroup, // for moments: of x - pivot
  second: PerGroup, // of (x - pivot)^2
}

struct Summands { // the same before the components of a pack are summed
  first: Vec,
  second: Vec,
}

// What is made of it: x goes to ((x - pivot) - delta) * factor, or whatever form/* makes of these.
struct Normalizer {
  pivot: Vec,
  delta: Vec,
  factor: Vec,
  gain: Vec, // of batch renormalization: factor and summand of the normalized x
  offset: Vec,
}

fn makeNormalizer(pivot: Vec, delta: Vec, factor: Vec) -> Normalizer {
  return Normalizer(pivot, delta, factor, Vec(1.0), Vec(0.0));
}

// A pivot has to be finite, so that infinity in x makes the mean infinite, as in PyTorch.
fn finiteOrZero(pivot: PerGroup) -> PerGroup {
  return select(PerGroup(0.0), pivot, abs(pivot) <= PerGroup(LARGEST));
}
