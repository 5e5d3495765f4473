// Storage: four neighbouring f32, 16 bytes aligned.
alias Pack = vec4f;
alias Wide = vec4f;

fn widen(pack: Pack) -> Wide {
  return pack;
}

fn narrow(wide: Wide) -> Pack {
  return wide;
}
