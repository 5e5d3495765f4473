// Weight and bias that lie beside the data's packs: four neighbours at once.
@group(0) @binding(3) var<storage, read> weight: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;

fn loadWeight(at: u32) -> Wide {
  return weight[at];
}

fn loadBias(at: u32) -> Wide {
  return bias[at];
}
