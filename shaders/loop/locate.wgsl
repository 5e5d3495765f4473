// This file turns indices into offsets: that of a group over the kept dimensions, and that of a
// segment over the outer loops.
// Expects: loop/cursor, loop/operands, loop/uniforms.
override KEPT_RANK = 1u;

// One dimension needs no loop, which would keep compilers from unrolling those that follow.
fn groupOffsets(base: Offsets, group: u32) -> Offsets {
  if (KEPT_RANK == 1u) {
    return offsetBy(base, params.dims[0], group);
  }
  return offsetsOfIndex(base, group, 0u, KEPT_RANK);
}

// The index counts the elements of the dimensions first .. first + rank - 1.
fn offsetsOfIndex(origin: Offsets, index: u32, first: u32, rank: u32) -> Offsets {
  var rest = index;
  var at = origin;
  for (var d = first + rank - 1u; d > first; d--) {
    let quotient = divide(rest, params.dims[d]);
    at = offsetBy(at, params.dims[d], rest - quotient * params.dims[d].size);
    rest = quotient;
  }
  return offsetBy(at, params.dims[first], rest);
}
