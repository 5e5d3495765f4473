// The weight of an element is 1 before the end of its sequence. All elements of a vector have one
// place, or a vector is one element.
// Expects: loop/operands, mask/counted/*, vector/*.
@group(0) @binding(0) var<storage, read> tensor: array<u32>;

const WEIGHTS_ARE_FLAGS = true;

fn maskAt(at: Offsets) -> Vec {
  return counted(select(Vec(0.0), Vec(1.0), at.ordinal < tensor[at.tensor]), at);
}
