// Who works on what: an invocation's place in its team, the team's job (a slice of a group), and a
// cursor over the packs of that slice which belong to the invocation. No division in any loop.
// Expects: params, a groups/*, a segments/*.
override WORKGROUP = 64u;
override TEAM = 64u; // invocations that share a job, a power of two
override FAN_IN = 8u; // about the square root of TEAM: in two hops a team combines what it has
override COLUMNS = false; // neighbouring invocations own neighbouring groups, not packs of one group

struct Job {
  live: bool,
  rank: u32,
  teamBase: u32, // where the team starts in workgroup memory
  slice: u32,
  origin: Offsets,
}

struct Cursor {
  left: u32, // packs still to visit
  position: u32, // pack in the run
  outer: u32,
  at: Offsets, // of the segment's start
  inner: Dim, // params.run, read once: in a loop it would be read for each element
}

fn highProduct(a: u32, b: u32) -> u32 {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let left = (a >> 16u) * (b & 0xffffu);
  let right = (a & 0xffffu) * (b >> 16u);
  let middle = (low >> 16u) + (left & 0xffffu) + (right & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (left >> 16u) + (right >> 16u) + (middle >> 16u);
}

// Exact n / dim.size for every n (Granlund & Montgomery 1994, figure 4.1).
fn divide(n: u32, dim: Dim) -> u32 {
  let t = highProduct(n, dim.multiplier);
  return (t + ((n - t) >> min(dim.bits, 1u))) >> (max(dim.bits, 1u) - 1u);
}

fn findJob(workgroup: u32, local: u32) -> Job {
  let team = select(local / TEAM, local % (WORKGROUP / TEAM), COLUMNS);
  let rank = select(local % TEAM, local / (WORKGROUP / TEAM), COLUMNS);
  let index = workgroup * (WORKGROUP / TEAM) + team;
  let live = index < params.groups.size * params.slices;
  var slice = 0u;
  if (params.slices > 1u) {
    slice = divide(index, params.groups);
  }
  let group = select(0u, index - slice * params.groups.size, live);
  let base = offsetBy(Offsets(), params.base, 1u);
  return Job(live, rank, team * TEAM, slice, groupOffsets(base, group));
}

fn startCursor(job: Job) -> Cursor {
  let first = job.slice * params.sliceVectors + job.rank;
  let end = min((job.slice + 1u) * params.sliceVectors, params.groupVectors);
  let left = select(0u, (end - first + TEAM - 1u) / TEAM, job.live && first < end);
  let segment = outerIndex(first);
  return Cursor(left, first - segment * params.inner.size, segment, outerOffsets(job, segment), params.inner);
}

// Steps to the end of the run: so many packs lie at one stride, and none of them needs a look at
// the dimensions outside of the run.
fn innerSteps(c: Cursor) -> u32 {
  return min(c.left, (c.inner.size - c.position + TEAM - 1u) / TEAM);
}

// The place so many steps on from the cursor, within its run.
fn offsetsAt(c: Cursor, steps: u32) -> Offsets {
  return offsetBy(c.at, c.inner, c.position + steps * TEAM);
}
