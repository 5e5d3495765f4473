// What is reduced: what is known of slices, as sink/records.wgsl leaves it.
// Expects: params, walk, stat/one, a statistic/*, moments.
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;

fn elementAt(at: Offsets) -> Vec {
  return partials[at.partials].x + partials[at.partials].y;
}

fn summandsAt(at: Offsets, pivot: PerGroup) -> Summands {
  return summandsOfPartial(partials[at.partials], pivot);
}

fn elementCount(start: Cursor, job: Job) -> f32 {
  var n = 0u; // counts of slices are exact in f32, sums of them need not be
  for (var c = start; c.left > 0u; c = advance(c, 1u, job)) {
    n += u32(partials[offsetsAt(c, 0u).partials].w);
  }
  return f32(n);
}
