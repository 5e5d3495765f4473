// What is known of a group while it is measured: for moments the mean as the pair pivot + delta, and m2, the
// sum of squared deviations from it. (A mean rounded to one f32 would cost 3e-8 * |mean| / std in every
// result.) Other statistics use the same places; statistic/* says how.
// Expects: a stat/*.
const LARGEST = 3.4028234663852886e38f;

struct Moments {
  pivot: Stat,
  delta: Stat,
  m2: Stat,
  n: f32, // 0: of nothing
}

struct Sums {
  first: Stat, // for moments: of x - pivot
  second: Stat, // of (x - pivot)^2
}

struct Terms { // the same before the components of a pack are summed
  first: Wide,
  second: Wide,
}

// What is made of it: x goes to ((x - pivot) - delta) * factor, or whatever form/* makes of these.
struct Known {
  pivot: Wide,
  delta: Wide,
  factor: Wide,
  gain: Wide, // of batch renormalization: factor and summand of the normalized x
  offset: Wide,
}

fn known3(pivot: Wide, delta: Wide, factor: Wide) -> Known {
  return Known(pivot, delta, factor, Wide(1.0), Wide(0.0));
}

// A pivot has to be finite, so that infinity in x makes the mean infinite, as in PyTorch.
fn usable(pivot: Stat) -> Stat {
  return select(Stat(0.0), pivot, abs(pivot) <= Stat(LARGEST));
}
