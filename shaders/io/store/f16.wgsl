// The output is written f16 by f16, on devices with shader-f16.
// Expects nothing.
@group(0) @binding(0) var<storage, read_write> tensor: array<f16>;

const has_tensor = true;

fn read_tensor(at: u32) -> f32 {
  return f32(tensor[at]);
}

fn store_tensor(at: u32, value: f32) {
  tensor[at] = f16(value);
}
