// The output is written in vectors of four neighbouring bytes, which are a word.
// Expects: io/byte_of, vector/*.
@group(0) @binding(0) var<storage, read_write> tensor: array<u32>;

const has_tensor = true;

fn read_tensor(at: u32) -> Vec {
  return Vec((vec4u(tensor[at]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(0xffu));
}

fn store_tensor(at: u32, value: Vec) {
  let bytes = vec4u(byteOf(value)) << vec4u(0u, 8u, 16u, 24u);
  tensor[at] = bytes.x | bytes.y | bytes.z | bytes.w;
}
