// An f16 or bf16 lies as bits in half a word here, on every device, an integer in half a word or a
// quarter. The conversions of floats work on bits:
// to nearest, ties to even, overflow to infinity, subnormals kept (by one addition, which rounds
// them that way). pack2x16float is not used, since it may turn an overflow into any bits.
// Expects nothing.
const F16 = 1u;
const U16 = 3u;
const U8 = 4u; // and 5 for i8

fn wordIndex(at: u32, half: u32) -> u32 {
  return at >> (min(half, 1u) + half / U8);
}

// A word is one f32 where `half` is 0, two f16, bf16 or u16 below U8, otherwise four u8 or i8.
fn decodeElement(word: u32, at: u32, half: u32) -> f32 {
  if (half == 0u) {
    return bitcast<f32>(word);
  }
  if (half >= U8) {
    let top = word << ((~at & 3u) * 8u); // the element, with others below it
    return select(f32(bitcast<i32>(top) >> 24u), f32(top >> 24u), half == U8);
  }
  let bits = (word >> ((at & 1u) * 16u)) & 0xffffu;
  if (half == F16) {
    return unpack2x16float(bits).x;
  }
  if (half == U16) {
    return f32(bits);
  }
  return bitcast<f32>(bits << 16u);
}

fn decode4(words: vec2u, half: u32) -> vec4f {
  if (half == F16) {
    return vec4f(unpack2x16float(words.x), unpack2x16float(words.y));
  }
  let low = bitcast<vec2f>(words << vec2u(16u));
  let high = bitcast<vec2f>(words & vec2u(0xffff0000u));
  return vec4f(low.x, high.x, low.y, high.y);
}

fn encodeBf16(all: vec4u) -> vec2u {
  let rounded = all + 0x7fffu + ((all >> vec4u(16u)) & vec4u(1u));
  let bits = select(rounded, vec4u(0x7fc00000u), (all & vec4u(0x7fffffffu)) > vec4u(0x7f800000u));
  return (bits.xz >> vec2u(16u)) | (bits.yw & vec2u(0xffff0000u));
}

fn encodeF16(all: vec4u) -> vec2u {
  let a = all & vec4u(0x7fffffffu);
  let most = min(a, vec4u(0x47800000u)); // 2^16, whose bits come out as infinity
  let normal = (most - 0x37fff001u + ((most >> vec4u(13u)) & vec4u(1u))) >> vec4u(13u);
  // Below 2^-14 the addition of 0.5 makes the last bit worth 2^-24, as in a subnormal f16.
  let small = bitcast<vec4u>(bitcast<vec4f>(most) + 0.5) - 0x3f000000u;
  let number = select(normal, small, a < vec4u(0x38800000u));
  let sign = (all >> vec4u(16u)) & vec4u(0x8000u);
  let bits = sign | select(number, vec4u(0x7e00u), a > vec4u(0x7f800000u));
  return bits.xz | (bits.yw << vec2u(16u));
}

fn encode4(wide: vec4f, half: u32) -> vec2u {
  let all = bitcast<vec4u>(wide);
  if (half == F16) {
    return encodeF16(all);
  }
  return encodeBf16(all);
}
