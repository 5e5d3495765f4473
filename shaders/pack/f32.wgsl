// Storage: one f32.
alias Pack = f32;
alias Wide = f32;

fn widen(pack: Pack) -> Wide {
  return pack;
}

fn narrow(wide: Wide) -> Pack {
  return wide;
}
