// This kernel measures the statistics of every job, or a partial for every slice.
// Expects: loop/cursor, normalize/statistics/*.
@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let job = findJob(workgroup.x + workgroup.y * grid.x, local);
  normalizerOfJob(startCursor(job), job);
}
