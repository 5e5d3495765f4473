// The weight of an element is 1 where its integer in the mask, a byte or a word, is not 0, for the
// four elements of a vector.
// Expects: loop/operands, loop/uniforms, mask/counted/*, vector/*.
@group(0) @binding(0) var<storage, read> tensor: array<u32>;

override tensor_bytes = false; // four to a word
override tensor_whole = false; // offsets count vectors of four integers

const WEIGHTS_ARE_FLAGS = true;

fn maskAt(at: Offsets) -> Vec {
  let lanes = vec4u(0u, 1u, 2u, 3u);
  let apart = at.tensor + lanes * params.laneStride.tensor;
  let i = select(apart, 4u * at.tensor + lanes, tensor_whole);
  var flags: vec4u;
  if (tensor_bytes && tensor_whole) {
    flags = vec4u(tensor[at.tensor]) & vec4u(0xffu, 0xff00u, 0xff0000u, 0xff000000u);
  } else if (tensor_bytes) {
    let w = i >> vec4u(2u);
    let words = vec4u(tensor[w.x], tensor[w.y], tensor[w.z], tensor[w.w]);
    flags = words & (vec4u(0xffu) << (8u * (i & vec4u(3u))));
  } else {
    flags = vec4u(tensor[i.x], tensor[i.y], tensor[i.z], tensor[i.w]);
  }
  return counted(Vec(vec4i(min(flags, vec4u(1u)))), at);
}
