// The input of the reduction is the partials of slices. Each weighs as much as its elements do
// together, and those of slices without valid elements do not count.
// Expects: loop/operands, reduce/state, reduce/statistic/*, vector/*.
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;

fn elementAt(at: Offsets) -> Vec {
  return Vec(partials[at.partials].x + partials[at.partials].y);
}

fn maskAt(at: Offsets) -> Vec {
  return Vec(partials[at.partials].w);
}

fn summandsOfWeight(at: Offsets, w: Vec, pivot: PerGroup, scale: PerGroup) -> Summands {
  let r = partials[at.partials];
  if (r.w == 0.0) {
    return Summands();
  }
  return summandsOfPartial(r, pivot, scale);
}
