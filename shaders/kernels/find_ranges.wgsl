// This kernel finds the least and the largest finite element of every group, and counts NaN,
// infinity and minus infinity, of those that have a weight. For whole numbers order does not matter: the jobs of a group go into
// one record by atomics, and its bits are the same in every plan.
// Expects: io/elements, loop/cursor, loop/uniforms, mask/weight/*, ranges/lanes/*, ranges/record,
//   vector/*.
const SIGN = 0x80000000u;
const INFINITY = 0x7f800000u;

// Most values are within what is there, which a read shows without an exchange.
fn raise(at: u32, key: u32) {
  if (key > atomicLoad(&records[at])) {
    atomicMax(&records[at], key);
  }
}

fn addCount(at: u32, count: u32) {
  if (count > 0u) {
    atomicAdd(&records[at], count);
  }
}

fn areEqual(found: VecBits, wanted: u32) -> VecBits {
  return select(VecBits(0u), VecBits(1u), found == VecBits(wanted));
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) grid: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let job = findJob(workgroup.x + workgroup.y * grid.x, local);
  var least = VecBits(0u);
  var largest = VecBits(0u);
  var nans = VecBits(0u);
  var infinities = VecBits(0u);
  var minusInfinities = VecBits(0u);
  for (var c = startCursor(job); c.left > 0u;) {
    let n = innerSteps(c);
    for (var i = 0u; i < n; i++) {
      let at = offsetsAt(c, i);
      let bits = bitcast<VecBits>(elementAt(at));
      let size = bits & VecBits(~SIGN);
      let own = select(VecBits(0u), VecBits(0xffffffffu), maskAt(at) > Vec(0.0));
      let finite = size < VecBits(INFINITY);
      let key = select(bits | VecBits(SIGN), ~bits, bits >= VecBits(SIGN));
      least = max(least, own & select(VecBits(0u), ~key, finite));
      largest = max(largest, own & select(VecBits(0u), key, finite));
      nans += own & select(VecBits(0u), VecBits(1u), size > VecBits(INFINITY));
      infinities += own & areEqual(bits, INFINITY);
      minusInfinities += own & areEqual(bits, SIGN | INFINITY);
    }
    c = advance(c, n, job);
  }
  if (!job.live) {
    return;
  }
  for (var lane = 0u; lane < LANES; lane++) {
    let at = WORDS * (job.origin.statistics + lane * params.laneStride.statistics);
    raise(at + LEAST_KEY, laneOf(least, lane));
    raise(at + LARGEST_KEY, laneOf(largest, lane));
    addCount(at + NANS, laneOf(nans, lane));
    addCount(at + INFINITIES, laneOf(infinities, lane));
    addCount(at + MINUS_INFINITIES, laneOf(minusInfinities, lane));
  }
}
