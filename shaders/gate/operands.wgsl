// This file lists the operands as loop/operands.wgsl does, with those of gates behind them. A kernel
// has one of the two files. src/plan/operands.ts has the names in this order too.
// Expects nothing.

// A dimension has a size, two constants for divide(), and the stride of each array along it.
struct Dim {
  @align(16) size: u32,
  multiplier: u32,
  bits: u32,
  statistics: u32, // in elements
  x: u32, // like all others in vectors or elements, whichever the operand's template counts in
  y: u32,
  sum: u32,
  dy: u32,
  dSum: u32,
  residual: u32,
  residualBias: u32,
  weight: u32,
  bias: u32,
  scale: u32,
  shift: u32,
  threshold: u32,
  slope: u32,
  mask: u32,
  ordinal: u32, // the place along the axis of the lengths; it has no array
  dFirst: u32,
  dSecond: u32,
  partials: u32,
  residualGate: u32,
  gate: u32,
  skip: u32,
  skipGate: u32,
}

// This struct has one offset into every array.
struct Offsets {
  x: u32,
  y: u32,
  sum: u32,
  dy: u32,
  dSum: u32,
  residual: u32,
  residualBias: u32,
  weight: u32,
  bias: u32,
  scale: u32,
  shift: u32,
  threshold: u32,
  slope: u32,
  mask: u32,
  ordinal: u32,
  dFirst: u32,
  dSecond: u32,
  partials: u32,
  residualGate: u32,
  gate: u32,
  skip: u32,
  skipGate: u32,
  statistics: u32,
}

fn offsetBy(start: Offsets, dim: Dim, by: u32) -> Offsets {
  return Offsets(
    start.x + by * dim.x,
    start.y + by * dim.y,
    start.sum + by * dim.sum,
    start.dy + by * dim.dy,
    start.dSum + by * dim.dSum,
    start.residual + by * dim.residual,
    start.residualBias + by * dim.residualBias,
    start.weight + by * dim.weight,
    start.bias + by * dim.bias,
    start.scale + by * dim.scale,
    start.shift + by * dim.shift,
    start.threshold + by * dim.threshold,
    start.slope + by * dim.slope,
    start.mask + by * dim.mask,
    start.ordinal + by * dim.ordinal,
    start.dFirst + by * dim.dFirst,
    start.dSecond + by * dim.dSecond,
    start.partials + by * dim.partials,
    start.residualGate + by * dim.residualGate,
    start.gate + by * dim.gate,
    start.skip + by * dim.skip,
    start.skipGate + by * dim.skipGate,
    start.statistics + by * dim.statistics,
  );
}
