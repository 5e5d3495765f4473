// The formula that many implementations use, E[x^2] - E[x]^2, in f32 or with sums in f16, for rows of
// one tensor. It is here to be compared with.

override LENGTH: u32;
override EPS: f32;
override HALF: bool;
const TEAM = 64u;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

var<workgroup> sums: array<vec2f, TEAM>;

// f16 arithmetic on any device: each result is rounded to f16 and back
fn stored(value: vec2f) -> vec2f {
  if (HALF) {
    return unpack2x16float(pack2x16float(value));
  }
  return value;
}

@compute @workgroup_size(TEAM)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) member: u32) {
  let first = group.x * LENGTH;
  var sum = vec2f();
  for (var k = member; k < LENGTH; k += TEAM) {
    let value = x[first + k];
    sum = stored(sum + stored(vec2f(value, value * value)));
  }
  sums[member] = sum;
  workgroupBarrier();
  for (var half = TEAM / 2u; half > 0u; half /= 2u) {
    if (member < half) {
      sums[member] = stored(sums[member] + sums[member + half]);
    }
    workgroupBarrier();
  }
  let moments = sums[0] / f32(LENGTH);
  let mean = moments.x;
  let variance = moments.y - mean * mean;
  let rstd = 1.0 / sqrt(variance + EPS);
  for (var k = member; k < LENGTH; k += TEAM) {
    y[first + k] = (x[first + k] - mean) * rstd;
  }
}
