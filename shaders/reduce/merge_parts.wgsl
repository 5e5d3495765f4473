// Two kernels merge the moments of two parts (Chan, Golub & LeVeque 1983), with each mean as a pair,
// pivot + delta. This file has their arrays and the merge of one group.
// Expects nothing.
const NONE = 0xffffffffu;

override WORKGROUP = 64u;

@group(0) @binding(1) var<storage, read> meansA: array<f32>;
@group(0) @binding(3) var<storage, read> variancesA: array<f32>;
@group(0) @binding(4) var<storage, read> meansB: array<f32>;
@group(0) @binding(6) var<storage, read> variancesB: array<f32>;
@group(0) @binding(5) var<storage, read_write> statistics: array<f32>;

const LARGEST = 3.4028234e38;

struct Part {
  pivot: f32,
  delta: f32,
  variance: f32,
}

// The result is exactly a where a and b are equal.
fn between(a: f32, b: f32, share: f32) -> f32 {
  let step = b - a;
  return select(a * (1.0 - share) + b * share, a + step * share, abs(step) <= LARGEST);
}

// The share is that of b. The result has the pivot that is nearer to the common mean.
fn mergeParts(a: Part, b: Part, share: f32) -> Part {
  if (share == 0.0) {
    return a;
  }
  let gap = b.pivot - a.pivot;
  let apart = gap + (b.delta - a.delta);
  // The difference would be NaN beside an infinite mean.
  let near = abs(apart) <= LARGEST;
  let fromA = select(between(a.delta, gap + b.delta, share), a.delta + apart * share, near);
  let fromB = select(fromA, b.delta - apart * (1.0 - share), near);
  let keepA = abs(fromA) <= abs(fromB);
  let variance = between(a.variance, b.variance, share) + apart * apart * (share * (1.0 - share));
  return Part(select(b.pivot, a.pivot, keepA), select(fromB, fromA, keepA), variance);
}

fn storeMerged(base: u32, at: u32, value: f32) {
  if (base != NONE) {
    statistics[base + at] = value;
  }
}
