// The output is written in vectors of four neighbouring f16, on devices with shader-f16.
// Expects: vector/*.
@group(0) @binding(0) var<storage, read_write> tensor: array<vec4<f16>>;

const has_tensor = true;

fn read_tensor(at: u32) -> Vec {
  return vec4f(tensor[at]);
}

fn store_tensor(at: u32, value: Vec) {
  tensor[at] = vec4<f16>(value);
}
