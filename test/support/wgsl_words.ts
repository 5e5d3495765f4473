// These are the words of WGSL itself: https://www.w3.org/TR/WGSL/. Any other name must be declared
// by some shader file.

const KEYWORDS =
  "alias break case const const_assert continue continuing default diagnostic discard else enable " +
  "false fn for if let loop override requires return struct switch true var while";

const TYPES =
  "array atomic bool f16 f32 i32 u32 ptr sampler texture_2d texture_2d_array texture_external vec2 vec3 vec4 " +
  "function private storage uniform workgroup read read_write write";

const FUNCTIONS =
  "abs acos acosh all any asin asinh atan atan2 atanh bitcast ceil clamp cos cosh countOneBits " +
  "countLeadingZeros countTrailingZeros cross degrees determinant distance dot dot4I8Packed " +
  "dot4U8Packed exp exp2 extractBits faceForward firstLeadingBit firstTrailingBit floor fma fract " +
  "frexp insertBits inverseSqrt ldexp length log log2 max min mix modf normalize pow radians " +
  "reflect refract reverseBits round saturate select sign sin sinh smoothstep sqrt step tan tanh textureLoad " +
  "transpose trunc arrayLength pack2x16float pack4x8snorm pack4x8unorm unpack2x16float " +
  "unpack4x8snorm unpack4x8unorm workgroupUniformLoad";

/** Of attributes: @builtin(workgroup_id). */
const BUILTIN_VALUES =
  "global_invocation_id local_invocation_id local_invocation_index num_workgroups subgroup_id " +
  "subgroup_invocation_id subgroup_size workgroup_id";

const WORDS = new Set(`${KEYWORDS} ${TYPES} ${FUNCTIONS} ${BUILTIN_VALUES}`.split(" "));

/** vec4f, mat2x2h, atomicXor, subgroupAll, storageBarrier. */
const FAMILIES =
  /^(?:vec[234][fhiu]|mat[234]x[234][fh]?|atomic[A-Z]\w*|subgroup[A-Z]\w*|quad[A-Z]\w*|\w+Barrier)$/;

export const isOfWgsl = (word: string): boolean => WORDS.has(word) || FAMILIES.test(word);
