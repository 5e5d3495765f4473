// Statistics: one a group, the four elements of a pack belong to the same group (rows).
alias Wide = vec4f; // the elements of a pack, for arithmetic
alias Stat = f32;
const PER_PACK = 4u;
const PARTS = 1u;

fn lead(wide: Wide) -> Stat {
  return wide.x;
}

fn fold(wide: Wide) -> Stat {
  return (wide.x + wide.y) + (wide.z + wide.w);
}

fn foldLargest(wide: Wide) -> Stat {
  let pair = select(wide.zw + wide.xy, wide.zw, wide.zw >= wide.xy);
  let two = select(pair, wide.xy, wide.xy > wide.zw);
  return select(select(two.x + two.y, two.y, two.y >= two.x), two.x, two.x > two.y);
}

fn part(stat: Stat, index: u32) -> f32 {
  return stat;
}

fn together(values: array<f32, PARTS>) -> Stat {
  return values[0];
}
