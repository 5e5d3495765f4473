// This file sums over a workgroup by its subgroups, of four lanes or more.
// Expects: WORKGROUP, normalize.
const SUBGROUPS = WORKGROUP / 4u;
var<workgroup> partial: array<f32, 2u * SUBGROUPS>;
var<private> place = 0u; // a second sum does not wait for the readers of the first
var<private> lanes: u32;

fn total(value: f32, rank: u32) -> f32 {
  let sum = subgroupAdd(value);
  if (subgroupElect()) {
    partial[place + rank / lanes] = sum;
  }
  workgroupBarrier();
  var all = 0.0;
  for (var i = 0u; i < (WORKGROUP + lanes - 1u) / lanes; i++) {
    all += partial[place + i];
  }
  place += SUBGROUPS;
  return all;
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) row: vec3u,
  @builtin(local_invocation_index) rank: u32,
  @builtin(subgroup_size) size: u32,
) {
  lanes = size;
  normalize(row.x, rank);
}
