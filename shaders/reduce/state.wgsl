// These structs are the state of a group's reduction. For moments the mean is the pair pivot +
// delta, and m2 is the sum of squared deviations from it. (A mean rounded to one f32 would cost
// 3e-8 * |mean| / std in every result.) Other statistics use the fields in their own way;
// reduce/statistic/* says how.
// Expects: vector/*.
const LARGEST = 3.4028234e38f;
// A sum of magnitudes between these bounds is right: what underflowed is below its rounding error,
// and the sums of all members of a team add up without overflow. Otherwise scaled elements are
// summed.
const LEAST_SUM = 5e-26f;
const SCALE_UP = 1.2676506e30f; // 2^100, also the most
const SCALE_DOWN = 1.0 / SCALE_UP;

struct Moments {
  pivot: PerGroup,
  delta: PerGroup,
  m2: PerGroup,
  n: PerGroup, // elements
}

// Moments may be those of scaled elements.
struct Measurement {
  moments: Moments,
  scale: PerGroup,
}

struct Sums {
  first: PerGroup, // for moments: sum of x - pivot
  second: PerGroup, // sum of (x - pivot)^2
}

// Summands become Sums when the lanes of a vector are added.
struct Summands {
  first: Vec,
  second: Vec,
}

// The normalizer is the statistics as they are applied: x becomes
// ((x - pivot) - delta) * factor, or another form of normalize/apply/*.
struct Normalizer {
  pivot: Vec,
  delta: Vec,
  factor: Vec,
  gain: Vec, // batch renormalization: the result is u * gain + offset
  offset: Vec,
}

fn makeNormalizer(pivot: Vec, delta: Vec, factor: Vec) -> Normalizer {
  return Normalizer(pivot, delta, factor, Vec(1.0), Vec(0.0));
}

// A pivot must be finite, so that infinity in x makes the mean infinite, as in PyTorch.
fn finiteOrZero(pivot: PerGroup) -> PerGroup {
  let magnitude = bitcast<PerGroupBits>(pivot) & PerGroupBits(0x7fffffffu);
  return select(PerGroup(0.0), pivot, magnitude < PerGroupBits(0x7f800000u));
}

// The first sums are added, or the larger one stays. NaN stays as well.
fn mergeSums(a: Sums, b: Sums, largest: bool) -> Sums {
  let added = a.first + b.first;
  let larger = nanOrPerGroup(added, max(a.first, b.first));
  return Sums(select(added, larger, largest), a.second + b.second);
}
