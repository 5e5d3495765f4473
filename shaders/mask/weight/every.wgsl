// The weight of every element is 1: there is no mask, but not all elements count.
// Expects: loop/operands, mask/counted/*, vector/*.
const WEIGHTS_ARE_FLAGS = true;

fn maskAt(at: Offsets) -> Vec {
  return counted(Vec(1.0), at);
}
