// dx for every job: statistics of x, measured or given; then two sums over the gradient at the normalized
// x; then dx from both.
// Expects: backward/sum/*, backward/write_dx/*, loop/cursor, normalize/statistics/*.
@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let job = findJob(workgroup.x + workgroup.y * grid.x, local);
  let start = startCursor(job);
  let k = normalizerOfJob(start, job);
  let s = sumOverJob(start, job, k);
  writeDx(start, job, k, s);
}
