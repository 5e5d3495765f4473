// Kept dimensions: one at most.
// Expects: walk.
fn groupAt(base: Place, group: u32) -> Place {
  return moved(base, params.dims[0], group);
}
