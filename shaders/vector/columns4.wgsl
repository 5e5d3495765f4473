// Statistics: four neighbouring groups at once, one a component of the pack (columns).
alias Wide = vec4f; // the elements of a pack, for arithmetic
alias Stat = vec4f;
const PER_PACK = 1u;
const PARTS = 4u;

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
  return stat[index];
}

fn together(values: array<f32, PARTS>) -> Stat {
  return vec4f(values[0], values[1], values[2], values[3]);
}
