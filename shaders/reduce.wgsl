// Moments of every job.
// Expects: params, walk, moments, a source/*, a statistic/*, a measure/*, a team/*, a sink/*.
@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let job = findJob(workgroup.x + workgroup.y * grid.x, local);
  let start = begin(job);
  let m = combined(measure(start, job), job);
  if (job.live && job.member == 0u) {
    emit(m, job);
  }
}
