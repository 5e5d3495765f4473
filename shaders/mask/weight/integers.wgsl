// The weight of an element is 1 where its integer in the mask, a byte or a word, is not 0.
// Expects: loop/operands, mask/counted/*, vector/*.
@group(0) @binding(0) var<storage, read> tensor: array<u32>;

override tensor_bytes = false; // four to a word

const WEIGHTS_ARE_FLAGS = true;

fn maskAt(at: Offsets) -> Vec {
  let i = at.tensor;
  var flag = tensor[select(i, i >> 2u, tensor_bytes)];
  if (tensor_bytes) {
    flag = flag & (0xffu << (8u * (i & 3u)));
  }
  return counted(select(Vec(0.0), Vec(1.0), VecBits(flag) != VecBits(0u)), at);
}
