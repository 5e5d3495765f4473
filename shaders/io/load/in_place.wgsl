// The input whose place the output takes: one read-write binding, as WebGPU demands.
// Expects: an out/* for y.
const has_port = true;

fn load_port(at: u32) -> Wide {
  return read_y(at);
}
