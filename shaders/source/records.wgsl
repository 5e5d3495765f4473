// What is reduced: the moments of slices, as sink/records.wgsl leaves them.
// Expects: params, walk, pack/f32, stat/one, moments.
@group(0) @binding(1) var<storage, read> records: array<vec4f>;

fn value(at: u32) -> Wide {
  return records[at].x + records[at].y;
}

fn weigh(at: u32, pivot: Stat) -> Terms {
  let r = records[at];
  let t = (r.x - pivot) + r.y;
  return Terms(r.w * t, r.z + r.w * t * t);
}

fn countOf(start: Cursor, job: Job) -> f32 {
  var n = 0.0;
  for (var c = start; c.left > 0u; c = skip(c, 1u, job)) {
    n += records[xAt(c)].w;
  }
  return n;
}
