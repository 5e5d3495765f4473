// Kept dimensions: any number.
// Expects: walk, locate.
fn groupAt(base: Place, group: u32) -> Place {
  return locate(base, group, 0u, params.keptRank);
}
