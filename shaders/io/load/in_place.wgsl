// The output overwrites this input, so both are one read-write binding, as WebGPU demands.
// Expects: vector/*, tensor y.
const has_tensor = true;

fn load_tensor(at: u32) -> Vec {
  return read_y(at);
}
