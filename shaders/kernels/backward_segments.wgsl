// This kernel writes dx for every job, and stores sums for the gradients of bias and weight of every
// segment of it. Times the weight of the segment these are parts of the dx sums, so x and dy are
// read once for all.
// Expects: backward/chain, backward/segment_sums/*, backward/write_dx/*, epilogue/affine,
//   loop/cursor, loop/uniforms, normalize/statistics/*, reduce/state, store/sums/*, vector/*.
override SEGMENTED = true; // false where all of a group shares weight and bias

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let job = findJob(workgroup.x + workgroup.y * grid.x, local);
  let start = startCursor(job);
  let k = normalizerOfJob(start, job);
  prepareSegments(start, job, k);
  var total = Sums();
  for (var first = 0u; first < params.groupVectors; first += params.segmentVectors) {
    let origin = offsetsOfVector(job, first);
    let p = parametersAt(origin);
    let s = sumOverSegment(first, job, k);
    if (job.live && job.rank == 0u) {
      storeSums(s, Job(true, 0u, job.teamBase, 0u, origin));
    }
    let weighted = Summands(timesWeight(Vec(s.first), p), timesWeight(Vec(s.second), p));
    total = mergeSums(total, Sums(firstPerGroup(weighted.first), firstPerGroup(weighted.second)), false);
    if (!SEGMENTED) {
      break;
    }
  }
  weighGradients(start, job);
  writeDx(start, job, k, total);
}
