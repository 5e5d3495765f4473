// The input is read element by element, of any type.
// Expects: io/halves, vector/*.
override tensor_half = 0u;

@group(0) @binding(0) var<storage, read> tensor: array<u32>;

const has_tensor = true;

fn load_tensor(at: u32) -> Vec {
  return Vec(decodeElement(tensor[wordIndex(at, tensor_half)], at, tensor_half));
}
