// The weight of an element is 1 where the mask is not 0. NaN in the mask counts as 0.
// Expects: loop/operands, mask/counted/*, vector/*, tensor mask.
const WEIGHTS_ARE_FLAGS = true;

fn maskAt(at: Offsets) -> Vec {
  let flag = bitcast<VecBits>(load_mask(at.mask));
  return counted(select(Vec(0.0), Vec(1.0), flag - 1u < VecBits(0x7f800000u)), at);
}
