// The input is read in vectors of four neighbouring f32.
// Expects: vector/*.
@group(0) @binding(0) var<storage, read> tensor: array<vec4f>;

const has_tensor = true;

fn load_tensor(at: u32) -> Vec {
  return tensor[at];
}
