// This kernel writes y for every job, from statistics that are measured or given.
// Expects: epilogue/write/*, loop/cursor, normalize/statistics/*.
@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let job = findJob(workgroup.x + workgroup.y * grid.x, local);
  let start = startCursor(job);
  writeY(start, job, normalizerOfJob(start, job));
}
