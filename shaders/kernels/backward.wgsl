// This kernel writes dx for every job. It takes the statistics of x, measured or given, then forms
// the two dx sums, then computes dx from both.
// Expects: backward/load/*, backward/sum/*, backward/write_dx/*, loop/cursor,
//   normalize/statistics/*.
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
  writeDx(start, job, k, s);
}
