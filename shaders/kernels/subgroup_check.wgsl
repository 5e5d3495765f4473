// This kernel combines small whole numbers in teams. It writes the result of every invocation,
// which src/runtime/subgroup_check.ts compares with the exact one.
// Expects: loop/cursor, reduce/state, reduce/team/*, vector/*.
@group(0) @binding(5) var<storage, read_write> results: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let job = findJob(workgroup.x, local);
  let place = workgroup.x * WORKGROUP + job.teamBase + job.rank;
  let x = f32((place * 37u) % 64u);
  let sums = combineSums(Sums(PerGroup(x), PerGroup(x * x)), job, false);
  let most = combineSums(Sums(PerGroup(x), PerGroup(f32(job.rank))), job, true);
  let last = GROUPS_PER_VECTOR - 1u;
  results[place] = vec4f(
    groupValue(sums.first, last),
    groupValue(sums.second, last),
    groupValue(most.first, last),
    groupValue(most.second, last),
  );
}
