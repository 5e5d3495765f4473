// Statistics: one a group, packs of one element.
alias Wide = f32; // the elements of a pack, for arithmetic
alias Stat = f32;
const PER_PACK = 1u; // elements of a pack that share statistics
const PARTS = 1u; // groups in a pack

fn lead(wide: Wide) -> Stat {
  return wide;
}

fn fold(wide: Wide) -> Stat {
  return wide;
}

fn foldLargest(wide: Wide) -> Stat {
  return wide;
}

fn part(stat: Stat, index: u32) -> f32 {
  return stat;
}

fn together(values: array<f32, PARTS>) -> Stat {
  return values[0];
}
