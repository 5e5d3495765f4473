// The output is written f32 by f32.
// Expects nothing.
@group(0) @binding(0) var<storage, read_write> tensor: array<f32>;

const has_tensor = true;

fn read_tensor(at: u32) -> f32 {
  return tensor[at];
}

fn store_tensor(at: u32, value: f32) {
  tensor[at] = value;
}
