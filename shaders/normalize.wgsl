// y for every job, from statistics that are measured or given.
// Expects: walk, moments, a measure/*, a team/*, a sink/*, a write/*.
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
  writeAll(start, job, m);
}
