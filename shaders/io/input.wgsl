// Input only.
@group(0) @binding(1) var<storage, read> x: array<Pack>;

fn loadX(at: u32) -> Pack {
  return x[at];
}
