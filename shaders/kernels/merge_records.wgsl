// This kernel merges the records of two parts: the larger keys, and the sums of the counts, which
// have 64 bits.
// Expects: ranges/record.
struct Params {
  groups: u32,
}

override WORKGROUP = 64u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(2) var<storage, read> recordsA: array<u32>;
@group(0) @binding(3) var<storage, read> recordsB: array<u32>;

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
  let first = WORDS * group;
  for (var at = first; at < first + NANS; at++) {
    atomicStore(&records[at], max(recordsA[at], recordsB[at]));
  }
  for (var at = first + NANS; at < first + WORDS; at += 2u) {
    let low = recordsA[at] + recordsB[at];
    let carry = u32(low < recordsA[at]);
    atomicStore(&records[at], low);
    atomicStore(&records[at + 1u], recordsA[at + 1u] + recordsB[at + 1u] + carry);
  }
}
