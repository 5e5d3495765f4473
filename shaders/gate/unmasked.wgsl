// Files of gates know of masks. This one stands for a mask where the call has none.
// Expects: loop/operands, vector/*.
const FILL = 2u;
const FILL_KEEPS = 1u;
const FILL_APPLIES = 2u;
const groupWeight = Vec(1.0);

fn maskAt(at: Offsets) -> Vec {
  return Vec(1.0);
}
