// Pivot: the mean of a few elements of the first run.
// Expects: walk, a source/*, a stat/*, moments.
fn pivotOf(start: Cursor, job: Job) -> Stat {
  let steps = span(start);
  let apart = max(steps / 8u, 2u * PER_PACK);
  let origin = lead(value(placeAt(start, 0u)));
  var sum = Wide(0.0);
  var n = 0u;
  for (var i = 0u; i < steps; i += apart) {
    sum += value(placeAt(start, i)) - origin;
    n += PER_PACK;
  }
  return usable(origin + fold(sum) / f32(n));
}
