// This file writes y as epilogue/write/registers.wgsl does, and the sum, which a gate before the norm
// has multiplied: it is read again, before a result overwrites what it is made of.
// Expects: epilogue/affine, gate/elements/*, gate/result, loop/cursor, loop/outer/*, loop/registers,
//   reduce/state, tensor sum, tensor y.
fn writeY(start: Cursor, job: Job, k: Normalizer) {
  if (!job.live || !isOwn(0u, start)) {
    return;
  }
  let steps = stepsOfTeam();
  let first = firstPlace(start);
  let p = parametersOfLoop(first.at);
  var place = first;
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    let sum = ungated(registers[i], place.at);
    registers[i] = resultOf(registers[i], place.at, k, p);
    if (isOwn(i, start)) {
      store_sum(place.at.sum, sum);
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
