// This file keeps an invocation's share of the elements in registers. Loads have no conditions,
// because compilers make a load in a branch wait for the load before it. What an invocation loads
// beyond its share is not used. Loops have constant bounds, so that compilers unroll them.
// Expects: io/elements, loop/cursor, loop/outer/*, vector/*.
override REGISTER_VECTORS = 4u; // vectors per invocation, at most 16
override FULL_VECTORS = 0u; // so many of them every invocation of a team has

var<private> registers: array<Vec, 16>;

fn isOwn(i: u32, start: Cursor) -> bool {
  return i < FULL_VECTORS || i < start.left;
}

fn loadRegisters(start: Cursor, job: Job) {
  let steps = stepsOfTeam();
  var place = firstPlace(start);
  for (var i = 0u; i < REGISTER_VECTORS; i++) {
    registers[i] = elementAt(place.at);
    place = nextPlace(place, steps, job);
  }
}
