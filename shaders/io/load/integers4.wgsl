// The input is read in vectors of four neighbouring integers: a word of u8 or i8, two of u16.
// Expects: io/halves, vector/*.
override tensor_half = 4u;

@group(0) @binding(0) var<storage, read> tensor: array<u32>;

const has_tensor = true;

fn load_tensor(at: u32) -> Vec {
  let first = 4u * at;
  let low = tensor[wordIndex(first, tensor_half)];
  let high = tensor[wordIndex(first + 2u, tensor_half)];
  return Vec(
    decodeElement(low, 0u, tensor_half), decodeElement(low, 1u, tensor_half),
    decodeElement(high, 2u, tensor_half), decodeElement(high, 3u, tensor_half),
  );
}
