// This file distributes the work: an invocation has a rank in its team, a team has a job (a slice
// of a group), and a cursor goes over the vectors of the slice that belong to the invocation. No
// loop contains a division.
// Expects: loop/locate, loop/operands, loop/outer/*, loop/uniforms.
override WORKGROUP = 64u;
override TEAM = 64u; // invocations that share a job, a power of two
override FAN_IN = 8u; // TEAM where it is small, else about its square root
override COLUMNS = false; // neighbouring invocations own neighbouring groups
override BY_FOUR = false; // GPUs have four loads under way instead of one that is waited for
override SHORT = false; // shares are at most 32 vectors of one inner loop, so loops run once

struct Job {
  live: bool,
  rank: u32,
  teamBase: u32, // the team's first place in workgroup memory
  slice: u32,
  origin: Offsets,
}

struct Cursor {
  left: u32, // vectors still to visit
  position: u32, // vector within the inner loop
  outer: u32, // index of the outer loops
  at: Offsets, // start of the inner loop
  inner: Dim, // a copy of params.inner, since a loop would read the uniform for each element
}

fn highProduct(a: u32, b: u32) -> u32 {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let left = (a >> 16u) * (b & 0xffffu);
  let right = (a & 0xffffu) * (b >> 16u);
  let middle = (low >> 16u) + (left & 0xffffu) + (right & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (left >> 16u) + (right >> 16u) + (middle >> 16u);
}

// The quotient n / dim.size is exact for every n (Granlund & Montgomery 1994, figure 4.1).
fn divide(n: u32, dim: Dim) -> u32 {
  let t = highProduct(n, dim.multiplier);
  return (t + ((n - t) >> min(dim.bits, 1u))) >> (max(dim.bits, 1u) - 1u);
}

fn findJob(workgroup: u32, local: u32) -> Job {
  let team = select(local / TEAM, local % (WORKGROUP / TEAM), COLUMNS);
  let rank = select(local % TEAM, local / (WORKGROUP / TEAM), COLUMNS);
  let index = workgroup * (WORKGROUP / TEAM) + team;
  let live = index < params.groups.size * select(1u, params.slices, SLICED);
  var slice = 0u;
  if (SLICED && params.slices > 1u && live) {
    slice = divide(index, params.groups);
  }
  let group = select(0u, index - slice * params.groups.size, live);
  let base = offsetBy(Offsets(), params.base, 1u);
  return Job(live, rank, team * TEAM, slice, groupOffsets(base, group));
}

fn endOfSlice(job: Job) -> u32 {
  return min((job.slice + 1u) * params.sliceVectors, params.groupVectors);
}

fn startCursor(job: Job) -> Cursor {
  let first = job.slice * params.sliceVectors + job.rank;
  let end = endOfSlice(job);
  let left = select(0u, (end - first + TEAM - 1u) / TEAM, job.live && first < end);
  let segment = outerIndex(first);
  return Cursor(left, first - segment * params.inner.size, segment, outerOffsets(job, segment), params.inner);
}

// The offsets are those of the job's first vector.
fn firstOffsets(job: Job) -> Offsets {
  let first = job.slice * params.sliceVectors;
  let segment = outerIndex(first);
  return offsetBy(outerOffsets(job, segment), params.inner, first - segment * params.inner.size);
}

// This count of steps reaches the end of the inner loop. Its vectors lie at one stride, so a caller
// may visit them without the outer dimensions.
fn innerSteps(c: Cursor) -> u32 {
  return min(c.left, (c.inner.size - c.position + TEAM - 1u) / TEAM);
}

// The offsets are those of the vector `steps` steps after the cursor, within its inner loop.
fn offsetsAt(c: Cursor, steps: u32) -> Offsets {
  return offsetBy(c.at, c.inner, c.position + steps * TEAM);
}

// The cursor moves n steps, at most to the end of its inner loop (teamOuterStep is 0 unless every
// step leaves the inner loop).
fn advance(cursor: Cursor, n: u32, job: Job) -> Cursor {
  var c = cursor;
  c.left -= n;
  c.position += n * params.teamInnerStep;
  c.outer += params.teamOuterStep;
  if (c.position >= params.inner.size) {
    c.position -= params.inner.size;
    c.outer++;
  }
  if (c.left > 0u) {
    c.at = outerOffsets(job, c.outer);
  }
  return c;
}

// A place is one vector of the share. The outer loops' files step from place to place.
struct Place {
  at: Offsets,
  position: u32, // vector within the inner loop
  outer: u32, // index of the outer loops
}

// This is a copy of uniforms, since a loop would read them for each vector.
struct Steps {
  step: Dim,
  wrap: Dim,
}

fn stepsOfTeam() -> Steps {
  return Steps(params.step, params.wrap);
}

fn firstPlace(c: Cursor) -> Place {
  return Place(offsetsAt(c, 0u), c.position, c.outer);
}
