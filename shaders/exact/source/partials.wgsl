// The sums are those of the slices.
// Expects: exact/sums, loop/cursor, vector/*.
@group(0) @binding(1) var<storage, read> partials: array<vec4u>;

fn sumsOfShare(start: Cursor, job: Job) -> ExactSums {
  var all = ExactSums();
  for (var c = start; c.left > 0u;) {
    let n = innerSteps(c);
    for (var i = 0u; i < n; i++) {
      let p = partials[offsetsAt(c, i).partials];
      all.first = addWide(all.first, Wide(PerGroupBits(p.x), PerGroupBits(p.y)));
      all.second = addWide(all.second, Wide(PerGroupBits(p.z), PerGroupBits(p.w)));
    }
    c = advance(c, n, job);
  }
  return all;
}
