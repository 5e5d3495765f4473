// The input of the reduction is the partials of slices, as store/statistics/partials.wgsl writes
// them.
// Expects: loop/cursor, loop/operands, loop/uniforms, reduce/state, reduce/statistic/*, vector/*.
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;

fn elementAt(at: Offsets) -> Vec {
  return partials[at.partials].x + partials[at.partials].y;
}

fn summandsAt(at: Offsets, pivot: PerGroup, scale: PerGroup) -> Summands {
  return summandsOfPartial(partials[at.partials], pivot, scale);
}

// A merge covers all elements of a group.
fn elementCount(job: Job) -> PerGroup {
  return PerGroup(params.count);
}
