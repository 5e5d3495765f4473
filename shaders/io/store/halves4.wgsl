// The output is written in vectors of four neighbouring f16 or bf16, two in a word.
// Expects: io/halves, vector/*.
override tensor_half = 1u;

@group(0) @binding(0) var<storage, read_write> tensor: array<vec2u>;

const has_tensor = true;

fn read_tensor(at: u32) -> Vec {
  return decode4(tensor[at], tensor_half);
}

fn store_tensor(at: u32, value: Vec) {
  tensor[at] = encode4(value, tensor_half);
}
