// This file forms two sums over a job. The normalized x and the gradient at it stay in registers.
// Expects: backward/chain, backward/dx_sums/*, backward/load/registers, epilogue/parameters/*,
//   loop/cursor, loop/outer/*, loop/registers, normalize/apply/*, reduce/state, reduce/team/*,
//   vector/*.
// These sums over all jobs so far are for the gradients of bias and weight.
var<private> biasSums: array<Vec, 16>;
var<private> weightSums: array<Vec, 16>;

fn sumOverJob(start: Cursor, job: Job, k: Normalizer) -> Sums {
  let steps = stepsOfTeam();
  var place = firstPlace(start);
  var all = Summands();
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    let p = parametersAt(place.at);
    let u = applyNormalizer(registers[i], k);
    let affine = gradAffine(gradientRegisters[i], u, p);
    let g = timesWeight(affine, p);
    gradientRegisters[i] = g;
    if (job.live && isOwn(i, start)) {
      biasSums[i] += affine;
      weightSums[i] += affine * u;
      let t = dxSummands(g, u, registers[i], k);
      all = Summands(all.first + t.first, all.second + t.second);
    }
    place = nextPlace(place, steps, job);
  }
  return combineSums(Sums(sumPerGroup(all.first), sumPerGroup(all.second)), job, false);
}
