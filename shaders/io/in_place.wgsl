// The output takes the input's place: one read-write binding, as WebGPU demands.
@group(0) @binding(2) var<storage, read_write> y: array<Pack>;

fn loadX(at: u32) -> Pack {
  return y[at];
}

fn storeY(at: u32, value: Pack) {
  y[at] = value;
}
