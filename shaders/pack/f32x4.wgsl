// Storage: four neighbouring f32, 16 bytes aligned.
alias Pack = vec4f;
alias Wide = vec4f;
const WIDTH = 4u;

fn widen(pack: Pack) -> Wide {
  return pack;
}

fn narrow(wide: Wide) -> Pack {
  return wide;
}
