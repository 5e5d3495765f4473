// This file sums over a workgroup by halves, in workgroup memory.
// Expects: WORKGROUP, normalize.
var<workgroup> partial: array<f32, WORKGROUP>;

fn total(value: f32, rank: u32) -> f32 {
  partial[rank] = value;
  workgroupBarrier();
  for (var n = WORKGROUP / 2u; n > 0u; n >>= 1u) {
    if (rank < n) {
      partial[rank] += partial[rank + n];
    }
    workgroupBarrier();
  }
  let all = partial[0];
  workgroupBarrier();
  return all;
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) row: vec3u, @builtin(local_invocation_index) rank: u32) {
  normalize(row.x, rank);
}
