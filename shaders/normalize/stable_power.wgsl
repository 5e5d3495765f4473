// Expects: loop/uniforms, reduce/state, vector/*.

// The exponent of a power of two is clamped above, to 2^127, and 0 below the normal numbers.
fn twoTo(exponent: Vec) -> Vec {
  let bits = VecBits(clamp(exponent, Vec(-126.0), Vec(127.0)) + 127.0) << VecBits(23u);
  return select(bitcast<Vec>(bits), Vec(0.0), exponent < Vec(-126.0));
}

// The result is a^p, or a itself where it is below the normal numbers, infinite or NaN. With a = m 2^e,
// p e is a whole number and a rest without an error: p log2(a) would lose as many digits as it has
// before its point. (pow() is undefined below 0, and exp2 and log2 may lose NaN and subnormals.)
fn stablePower(a: Vec, p: f32) -> Vec {
  let bits = bitcast<VecBits>(a);
  let m = bitcast<Vec>((bits & VecBits(0x7fffffu)) | VecBits(0x3f800000u));
  let e = Vec(bits >> VecBits(23u)) - 127.0;
  let high = bitcast<f32>(bitcast<u32>(p) & 0xfffff000u); // 12 bits, whose products with e are exact
  let whole = round(e * p);
  let rest = kept(e * high - whole) + e * (p - high);
  let power = exp2(rest + p * log2(m)) * twoTo(whole);
  return select(a, power, (a >= Vec(1.1754944e-38)) & (a <= Vec(LARGEST)));
}

// The result is a^(1/p), in the same way. The divisor is p itself, since 1/p is rounded.
fn stableRoot(a: Vec, p: f32) -> Vec {
  let bits = bitcast<VecBits>(a);
  let m = bitcast<Vec>((bits & VecBits(0x7fffffu)) | VecBits(0x3f800000u));
  let e = Vec(bits >> VecBits(23u)) - 127.0;
  let high = bitcast<f32>(bitcast<u32>(p) & 0xfffff000u);
  let whole = round(e / p);
  let rest = kept(e - whole * high) - whole * (p - high);
  let root = exp2((rest + log2(m)) / p) * twoTo(whole);
  return select(a, root, (a >= Vec(1.1754944e-38)) & (a <= Vec(LARGEST)));
}
