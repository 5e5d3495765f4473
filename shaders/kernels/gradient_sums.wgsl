// This kernel sums over gradients for every job. The sums are the two dx sums or the gradients of
// parameters.
// Expects: backward/load/*, backward/sum/*, loop/cursor, normalize/statistics/*, store/sums/*.
@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let job = findJob(workgroup.x + workgroup.y * grid.x, local);
  let start = startCursor(job);
  loadForSums(start, job);
  let k = normalizerOfJob(start, job);
  let s = sumOverJob(start, job, k);
  if (job.live && job.rank == 0u) {
    storeSums(s, job);
  }
}
