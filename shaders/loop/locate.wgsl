// This file turns an index over several dimensions into offsets. It is a separate file because CPU
// adapters take long to compile its loop.
// Expects: loop/cursor, loop/operands, loop/uniforms.
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
