// This call does not have the input.
// Expects: vector/*.
const has_tensor = false;

fn load_tensor(at: u32) -> Vec {
  return Vec(0.0);
}
