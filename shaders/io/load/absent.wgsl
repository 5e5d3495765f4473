// An input that this call does not have.
// Expects: vector/*.
const has_tensor = false;

fn load_tensor(at: u32) -> Vec {
  return Vec(0.0);
}
