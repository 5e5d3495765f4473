// What is reduced: the moments of slices, as sink/records.wgsl leaves them.
// Expects: params, walk, pack/f32, stat/one, a statistic/*, moments.
@group(0) @binding(1) var<storage, read> records: array<vec4f>;

fn value(at: u32) -> Wide {
  return records[at].x + records[at].y;
}

fn weigh(at: u32, pivot: Stat) -> Terms {
  return termsOfRecord(records[at], pivot);
}

fn countOf(start: Cursor, job: Job) -> f32 {
  var n = 0.0;
  for (var c = start; c.left > 0u; c = skip(c, 1u, job)) {
    n += records[xAt(c)].w;
  }
  return n;
}
