// The input of the reduction is the partials of slices, as store/statistics/partials.wgsl writes
// them.
// Expects: loop/cursor, loop/operands, loop/outer/*, reduce/state, reduce/statistic/*, vector/*.
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;

fn elementAt(at: Offsets) -> Vec {
  return partials[at.partials].x + partials[at.partials].y;
}

fn summandsAt(at: Offsets, pivot: PerGroup, scale: PerGroup) -> Summands {
  return summandsOfPartial(partials[at.partials], pivot, scale);
}

fn elementCount(start: Cursor, job: Job) -> f32 {
  var n = 0u; // the count of a slice is exact in f32, but the sum of counts may not be
  for (var c = start; c.left > 0u; c = advance(c, 1u, job)) {
    n += u32(partials[offsetsAt(c, 0u).partials].w);
  }
  return f32(n);
}
