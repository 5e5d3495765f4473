// This file adds the partial sums of slices, each times its weight where there is one.
// Expects: loop/cursor, loop/operands, loop/uniforms, reduce/state, reduce/team/*, tensor weight.
@group(0) @binding(1) var<storage, read> partials: array<vec4f>;

fn weightAt(at: Offsets) -> f32 {
  if (has_weight) {
    return load_weight(at.weight) + params.weightOffset;
  }
  return 1.0;
}

fn sumOverJob(start: Cursor, job: Job, k: Normalizer) -> Sums {
  var s = Sums();
  var block = Sums(); // sum of 32 partials
  var chunk = Sums(); // sum of 32 blocks
  var n = 0u;
  for (var c = start; c.left > 0u; c = advance(c, 1u, job)) {
    let at = offsetsAt(c, 0u);
    let r = partials[at.partials] * weightAt(at);
    block = Sums(block.first + r.x, block.second + r.z);
    n++;
    if (n % 32u == 0u) {
      chunk = Sums(chunk.first + block.first, chunk.second + block.second);
      block = Sums();
    }
    if (n % 1024u == 0u) {
      s = Sums(s.first + chunk.first, s.second + chunk.second);
      chunk = Sums();
    }
  }
  chunk = Sums(chunk.first + block.first, chunk.second + block.second);
  return combineSums(Sums(s.first + chunk.first, s.second + chunk.second), job, false);
}
