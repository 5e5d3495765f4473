// An input of packs of four at any stride, whatever its type.
// Expects: params, halves.
override port_half = 0u;

@group(0) @binding(0) var<storage, read> port: array<u32>;

const has_port = true;

fn element_port(at: u32) -> f32 {
  return element(port[wordOf(at, port_half)], at, port_half);
}

fn load_port(at: u32) -> Wide {
  let s = params.along.place;
  return Wide(
    element_port(at), element_port(at + s), element_port(at + 2u * s), element_port(at + 3u * s),
  );
}
