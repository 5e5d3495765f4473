// This file is LayerNorm or RMSNorm as one would write it by hand for rows of one length: a
// workgroup takes a row, and loads all of its packs before it uses the first.
// Expects: Pack, WORKGROUP, EACH (packs of an invocation), CENTERED, total.
struct Params {
  eps: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Pack>;
@group(0) @binding(2) var<storage, read> weight: array<Pack>;
@group(0) @binding(3) var<storage, read> bias: array<Pack>;
@group(0) @binding(4) var<storage, read_write> y: array<Pack>;

const PACKS = WORKGROUP * EACH;

fn flat(v: vec4f) -> f32 {
  return (v.x + v.y) + (v.z + v.w);
}

fn normalize(row: u32, rank: u32) {
  let start = row * PACKS + rank;
  var held: array<vec4f, EACH>;
  for (var i = 0u; i < EACH; i++) {
    held[i] = vec4f(x[start + i * WORKGROUP]);
  }
  if (CENTERED) {
    var sum = vec4f();
    for (var i = 0u; i < EACH; i++) {
      sum += held[i];
    }
    let mean = total(flat(sum), rank) / f32(4u * PACKS);
    for (var i = 0u; i < EACH; i++) {
      held[i] -= mean;
    }
  }
  var squares = vec4f();
  for (var i = 0u; i < EACH; i++) {
    squares += held[i] * held[i];
  }
  let rstd = inverseSqrt(total(flat(squares), rank) / f32(4u * PACKS) + params.eps);
  for (var i = 0u; i < EACH; i++) {
    let at = rank + i * WORKGROUP;
    var value = held[i] * rstd * vec4f(weight[at]);
    if (CENTERED) {
      value += vec4f(bias[at]);
    }
    y[start + i * WORKGROUP] = Pack(value);
  }
}
