// What is reduced: the moments of slices, as sink/records.wgsl leaves them.
// Expects: params, walk, pack/f32, stat/one, moments.
@group(0) @binding(1) var<storage, read> records: array<vec4f>;

fn record(c: Cursor) -> vec4f {
  return records[c.at.x + c.within * params.run.x];
}

fn value(c: Cursor) -> Wide {
  let r = record(c);
  return r.x + r.y;
}

fn weigh(c: Cursor, pivot: Stat) -> Terms {
  let r = record(c);
  let t = (r.x - pivot) + r.y;
  return Terms(r.w * t, r.z + r.w * t * t);
}

fn countOf(cursor: Cursor, job: Job) -> f32 {
  var n = 0.0;
  for (var c = cursor; c.left > 0u; c = advance(c, job)) {
    n += record(c).w;
  }
  return n;
}
