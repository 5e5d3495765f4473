// Weight and bias for packs of four, at any stride: one value for all or four apart.
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;

fn loadWeight(at: u32) -> Wide {
  let s = params.weightStep;
  if (s == 0u) {
    return Wide(weight[at]);
  }
  return Wide(weight[at], weight[at + s], weight[at + 2u * s], weight[at + 3u * s]);
}

fn loadBias(at: u32) -> Wide {
  let s = params.biasStep;
  if (s == 0u) {
    return Wide(bias[at]);
  }
  return Wide(bias[at], bias[at + s], bias[at + 2u * s], bias[at + 3u * s]);
}
