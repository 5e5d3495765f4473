// Sums of the sums of slices.
// Expects: walk, stat/one, moments, a team/*.
@group(0) @binding(1) var<storage, read> records: array<vec4f>;

fn totals(start: Cursor, job: Job, k: Known) -> Sums {
  var s = Sums();
  var block = Sums(); // of 32 records
  var n = 0u;
  for (var c = start; c.left > 0u; c = skip(c, 1u, job)) {
    let r = records[placeAt(c, 0u).x];
    block = Sums(block.first + r.x, block.second + r.z);
    n++;
    if (n % 32u == 0u) {
      s = Sums(s.first + block.first, s.second + block.second);
      block = Sums();
    }
  }
  return combinedSums(Sums(s.first + block.first, s.second + block.second), job);
}
