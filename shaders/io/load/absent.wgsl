// An input that this call does not have.
const has_port = false;

fn load_port(at: u32) -> Wide {
  return Wide(0.0);
}
