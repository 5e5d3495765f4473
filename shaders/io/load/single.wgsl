// An input read element by element, whatever its type.
// Expects: halves.
override port_half = 0u;

@group(0) @binding(0) var<storage, read> port: array<u32>;

const has_port = true;

fn load_port(at: u32) -> Wide {
  return Wide(element(port[wordOf(at, port_half)], at, port_half));
}
