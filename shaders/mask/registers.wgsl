// This file keeps an invocation's share of the elements in registers, as loop/registers.wgsl does,
// and their weights.
// Expects: io/elements, loop/cursor, loop/outer/*, mask/weight/*, vector/*.
override REGISTER_VECTORS = 4u; // vectors per invocation, at most 16
override FULL_VECTORS = 0u; // so many of them every invocation of a team has

var<private> registers: array<Vec, 16>;
var<private> weightRegisters: array<Vec, 16>;

fn isOwn(i: u32, start: Cursor) -> bool {
  return i < FULL_VECTORS || i < start.left;
}

fn loadRegisters(start: Cursor, job: Job) {
  let steps = stepsOfTeam();
  var place = firstPlace(start);
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    registers[i] = elementAt(place.at);
    weightRegisters[i] = maskAt(place.at);
    place = nextPlace(place, steps, job);
  }
}
