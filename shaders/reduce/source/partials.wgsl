// What is reduced: what is known of slices, as sink/records.wgsl leaves it.
// Expects: params, walk, stat/one, a statistic/*, moments.
@group(0) @binding(1) var<storage, read> records: array<vec4f>;

fn value(at: Place) -> Wide {
  return records[at.x].x + records[at.x].y;
}

fn weigh(at: Place, pivot: Stat) -> Terms {
  return termsOfRecord(records[at.x], pivot);
}

fn countOf(start: Cursor, job: Job) -> f32 {
  var n = 0u; // counts of slices are exact in f32, sums of them need not be
  for (var c = start; c.left > 0u; c = skip(c, 1u, job)) {
    n += u32(records[placeAt(c, 0u).x].w);
  }
  return f32(n);
}
