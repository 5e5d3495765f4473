// y = (x - mean) * rstd * weight + bias for every job, whose statistics are measured or given.
// Expects: params, walk, moments, source/elements, a measure/*, a team/*, a sink/*, a param/*.
override HAS_WEIGHT = false;
override HAS_BIAS = false;
override PARAMS_VARY = false; // within a run

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let job = findJob(workgroup.x + workgroup.y * grid.x, local);
  let m = combined(measure(job), job);
  if (job.live && job.member == 0u) {
    emit(m, job);
  }
  let rstd = inverseSqrt(varianceOf(m) + params.eps);
  var w = Wide(1.0);
  var b = Wide(0.0);
  var c = begin(job);
  let n = rounds(c);
  for (var i = 0u; i < n; i++) {
    if (c.left > 0u) {
      if (HAS_WEIGHT && (PARAMS_VARY || c.fresh)) {
        w = weightAt(c.at.weight + c.within * params.run.weight);
      }
      if (HAS_BIAS && (PARAMS_VARY || c.fresh)) {
        b = biasAt(c.at.bias + c.within * params.run.bias);
      }
      var v = ((element(c, i) - m.pivot) - m.delta) * rstd;
      if (HAS_WEIGHT) {
        v *= w;
      }
      if (HAS_BIAS) {
        v += b;
      }
      storeY(c.at.y + c.within * params.run.y, narrow(v));
      c = advance(c, job);
    }
  }
}
