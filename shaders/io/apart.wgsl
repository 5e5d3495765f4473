// Input and output in different buffers.
@group(0) @binding(1) var<storage, read> x: array<Pack>;
@group(0) @binding(2) var<storage, read_write> y: array<Pack>;

fn loadX(at: u32) -> Pack {
  return x[at];
}

fn storeY(at: u32, value: Pack) {
  y[at] = value;
}
