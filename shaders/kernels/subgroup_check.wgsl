// Teams of known small whole numbers: what each invocation's team makes of them, for src/subgroups.ts to check.
// Expects: walk, a stat/*, a statistic/*, moments, both team/* that are judged.
@group(0) @binding(5) var<storage, read_write> results: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let job = findJob(workgroup.x, local);
  let place = workgroup.x * WORKGROUP + job.seat + job.member;
  let x = f32((place * 37u) % 64u);
  let m = combined(Moments(Stat(x), Stat(0.0), Stat(0.0), 1.0), job);
  let s = combinedSums(Sums(Stat(x), Stat(x * x)), job);
  let last = PARTS - 1u;
  results[place] = vec4f(
    part(s.first, last),
    part(s.second, last),
    part(m.pivot, last) + part(m.delta, last),
    part(m.m2, last),
  );
}
