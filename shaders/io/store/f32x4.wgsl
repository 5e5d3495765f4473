// The output is written in vectors of four neighbouring f32.
// Expects: vector/*.
@group(0) @binding(0) var<storage, read_write> tensor: array<vec4f>;

const has_tensor = true;

fn read_tensor(at: u32) -> Vec {
  return tensor[at];
}

fn store_tensor(at: u32, value: Vec) {
  tensor[at] = value;
}
