// This file writes y for an invocation's share. x is still in registers. The results are stored in
// a loop of their own, since compilers unroll short loops alone, and loads of the parameters in a
// loop that is not unrolled wait for each other.
// Expects: epilogue/affine, epilogue/result/*, loop/cursor, loop/outer/*, loop/registers,
//   reduce/state, tensor y.
fn writeY(start: Cursor, job: Job, k: Normalizer) {
  if (!job.live || !isOwn(0u, start)) {
    return;
  }
  let steps = stepsOfTeam();
  let first = firstPlace(start);
  let p = parametersOfLoop(first.at);
  var place = first;
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    let v = registers[i];
    registers[i] = resultOf(v, place.at, k, p);
    if (isOwn(i, start)) {
      storeSum(place.at, v);
    }
    place = nextPlace(place, steps, job);
  }
  place = first;
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    if (isOwn(i, start)) {
      store_y(place.at.y, registers[i]);
    }
    place = nextPlace(place, steps, job);
  }
}
