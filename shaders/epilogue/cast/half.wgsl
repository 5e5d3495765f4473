// The normalized x is rounded to f16 or bf16 before the weight, as transformers' models do.
// Expects: io/halves, vector/*.
override CAST_TO = 1u;

fn castNormalized(u: Vec) -> Vec {
  return vecOf(decode4(encode4(vec4f(u), CAST_TO), CAST_TO));
}
