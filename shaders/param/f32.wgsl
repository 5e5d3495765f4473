// Weight and bias read element by element, for packs of one.
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;

fn loadWeight(at: u32) -> Wide {
  return weight[at];
}

fn loadBias(at: u32) -> Wide {
  return bias[at];
}
