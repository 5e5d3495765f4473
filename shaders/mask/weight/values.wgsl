// The weight of an element is its value in the mask. A weight below 0 or NaN counts as 0. Bits show
// that, since compilers may take it that no comparison meets NaN (NVIDIA's do).
// Expects: loop/operands, mask/counted/*, vector/*, tensor mask.
const WEIGHTS_ARE_FLAGS = false;

fn maskAt(at: Offsets) -> Vec {
  let w = load_mask(at.mask);
  return counted(select(Vec(0.0), w, bitcast<VecBits>(w) - 1u < VecBits(0x7f800000u)), at);
}
