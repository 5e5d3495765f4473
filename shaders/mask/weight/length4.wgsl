// The weight of an element is 1 before the end of its sequence, for the four elements of a vector.
// Expects: loop/operands, loop/uniforms, mask/counted/*, vector/*.
@group(0) @binding(0) var<storage, read> tensor: array<u32>;

override tensor_whole = false; // offsets count vectors of four lengths
override tensor_same = false; // the four elements are of one sequence

const WEIGHTS_ARE_FLAGS = true;

fn maskAt(at: Offsets) -> Vec {
  let lanes = vec4u(0u, 1u, 2u, 3u);
  let places = at.ordinal + lanes * params.laneStride.ordinal;
  if (tensor_same) {
    return counted(select(Vec(0.0), Vec(1.0), places < vec4u(tensor[at.tensor])), at);
  }
  let apart = at.tensor + lanes * params.laneStride.tensor;
  let l = select(apart, 4u * at.tensor + lanes, tensor_whole);
  let ends = vec4u(tensor[l.x], tensor[l.y], tensor[l.z], tensor[l.w]);
  return counted(select(Vec(0.0), Vec(1.0), places < ends), at);
}
