// This kernel writes dx for many jobs of a team, one after the other, and keeps the sums for the
// gradients of bias and weight in registers, since all jobs have the same parameters. At the end it
// stores them as a record of the team: vectors for the bias, then as many for the weight.
// Expects: backward/load/registers, backward/sum/registers, backward/write_dx/*, loop/cursor,
//   loop/registers, loop/uniforms, normalize/statistics/*.
@group(0) @binding(6) var<storage, read_write> records: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let first = workgroup.x + workgroup.y * grid.x;
  for (var round = 0u; round < params.rounds; round++) {
    let job = findJob(first + round * grid.x * grid.y, local);
    let start = startCursor(job);
    loadForSums(start, job);
    let k = normalizerOfJob(start, job);
    let s = sumOverJob(start, job, k);
    writeDx(start, job, k, s);
  }
  let job = findJob(first, local);
  let team = params.firstTeam + (first * WORKGROUP + job.teamBase) / TEAM;
  let record = team * 2u * params.groupVectors;
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    let vector = job.rank + i * TEAM;
    if (vector < params.groupVectors) {
      records[record + vector] = biasSums[i];
      records[record + params.groupVectors + vector] = weightSums[i];
    }
  }
}
