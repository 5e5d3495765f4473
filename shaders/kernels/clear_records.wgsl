// This kernel empties the records of all groups, before others count into them.
// Expects: ranges/record.
struct Params {
  groups: u32,
}

override WORKGROUP = 64u;

@group(0) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let group = (workgroup.x + workgroup.y * grid.x) * WORKGROUP + local;
  if (group >= params.groups) {
    return;
  }
  for (var word = 0u; word < WORDS; word++) {
    atomicStore(&records[WORDS * group + word], 0u);
  }
}
