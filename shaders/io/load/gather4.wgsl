// The input is read in vectors of four elements at any stride, of any type.
// Expects: io/halves, loop/uniforms, vector/*.
override tensor_half = 0u;

@group(0) @binding(0) var<storage, read> tensor: array<u32>;

const has_tensor = true;

fn element_tensor(at: u32) -> f32 {
  return decodeElement(tensor[wordIndex(at, tensor_half)], at, tensor_half);
}

fn load_tensor(at: u32) -> Vec {
  let s = params.laneStride.tensor;
  return Vec(
    element_tensor(at), element_tensor(at + s), element_tensor(at + 2u * s), element_tensor(at + 3u * s),
  );
}
