// A folder of alternatives is one choice and one interface: all its files declare the same names. A
// pass has one file of each folder that it needs, so that any of them fits.

export interface Interface {
  /** Below shaders/. */
  readonly folder: string;
  /** The files that it is the interface of, where the folder has several; by default all. */
  readonly files?: readonly string[] | undefined;
  readonly declares: readonly string[];
}

const LOAD = ["const has_tensor", "fn load_tensor(u32) -> Vec"];

export const INTERFACES: readonly Interface[] = [
  { folder: "io/load", declares: LOAD },
  {
    folder: "io/store",
    files: ["f16x4", "f32x4", "halves4", "bytes4"], // a vector at a time
    declares: ["const has_tensor", "fn read_tensor(u32) -> Vec", "fn store_tensor(u32, Vec)"],
  },
  {
    folder: "io/store",
    files: ["f16", "f32", "half", "byte"], // an element at a time
    declares: ["const has_tensor", "fn read_tensor(u32) -> f32", "fn store_tensor(u32, f32)"],
  },
  // x takes no place of an array that is absent, so that nothing is read
  {
    folder: "io/store",
    files: ["absent"],
    declares: ["const has_tensor", "fn store_tensor(u32, Vec)"],
  },
  {
    folder: "io/store",
    files: ["absent_single"],
    declares: ["const has_tensor", "fn read_tensor(u32) -> f32", "fn store_tensor(u32, f32)"],
  },
  {
    folder: "vector",
    declares: [
      "alias Vec",
      "alias PerGroup",
      "alias PerGroupBits",
      "alias VecBits",
      "const ELEMENTS_PER_GROUP",
      "const GROUPS_PER_VECTOR",
      "fn firstPerGroup(Vec) -> PerGroup",
      "fn sumPerGroup(Vec) -> PerGroup",
      "fn maxPerGroup(Vec) -> PerGroup",
      "fn vecOf(vec4f) -> Vec",
      "fn groupValue(PerGroup, u32) -> f32",
      "fn nanOr(Vec, Vec) -> Vec",
      "fn nanOrPerGroup(PerGroup, PerGroup) -> PerGroup",
    ],
  },
  {
    folder: "loop/outer",
    declares: [
      "fn outerIndex(u32) -> u32",
      "fn outerOffsets(Job, u32) -> Offsets",
      "fn nextPlace(Place, Steps, Job) -> Place",
    ],
  },
  {
    folder: "reduce/accumulate",
    declares: ["fn measureJob(Cursor, Job) -> Measurement"],
  },
  {
    folder: "reduce/statistic",
    declares: [
      "const ROUNDS",
      "const FIRST_IS_LARGEST",
      "fn summandsOf(Vec, PerGroup, PerGroup) -> Summands",
      "fn summandsOfPartial(vec4f, PerGroup, PerGroup) -> Summands",
      "fn addSummands(Summands, Summands) -> Summands",
      "fn sumsOf(Summands) -> Sums",
      "fn momentsFrom(PerGroup, Sums, PerGroup) -> Moments",
      "fn betterPivot(Moments, PerGroup) -> PerGroup",
    ],
  },
  {
    folder: "reduce/magnitude",
    declares: [
      "fn magnitude(Vec) -> Vec",
      "fn rootOf(PerGroup) -> PerGroup",
      "fn scaleOf(PerGroup, PerGroup) -> PerGroup",
    ],
  },
  {
    folder: "reduce/range",
    declares: [
      "fn partialOf(Moments, PerGroup) -> PerGroup",
      "fn sumOfPartial(vec4f, PerGroup) -> PerGroup",
    ],
  },
  {
    folder: "reduce/pivot",
    declares: ["fn choosePivot(Cursor, Job, PerGroup) -> PerGroup"],
  },
  {
    folder: "reduce/team",
    declares: ["fn combineSums(Sums, Job, bool) -> Sums", "fn anyInWorkgroup(bool) -> bool"],
  },
  {
    folder: "reduce/source",
    files: ["summands", "partials"],
    declares: [
      "fn summandsAt(Offsets, PerGroup, PerGroup) -> Summands",
      "fn elementCount(Job) -> PerGroup",
    ],
  },
  {
    folder: "reduce/source",
    files: ["weighed"], // reduce/share/* count
    declares: ["fn summandsOfWeight(Offsets, Vec, PerGroup, PerGroup) -> Summands"],
  },
  {
    folder: "reduce/source",
    files: ["partials_weighed"], // and these have weights of their own
    declares: [
      "fn summandsOfWeight(Offsets, Vec, PerGroup, PerGroup) -> Summands",
      "fn maskAt(Offsets) -> Vec",
    ],
  },
  {
    folder: "reduce/share",
    files: ["registers", "streamed"],
    declares: ["fn sumShare(Cursor, Job, PerGroup, PerGroup) -> Sums"],
  },
  {
    folder: "reduce/share",
    files: ["registers_weighed", "streamed_weighed"],
    declares: [
      "fn sumShare(Cursor, Job, PerGroup, PerGroup) -> Sums",
      "fn elementCount(Job) -> PerGroup",
    ],
  },
  { folder: "mask/counted", declares: ["fn counted(Vec, Offsets) -> Vec"] },
  { folder: "mask/weight", declares: ["const WEIGHTS_ARE_FLAGS", "fn maskAt(Offsets) -> Vec"] },
  {
    folder: "epilogue/result",
    declares: [
      "fn resultOf(Vec, Offsets, Normalizer, Parameters) -> Vec",
      "fn storeSum(Offsets, Vec)",
    ],
  },
  {
    folder: "gate/elements",
    declares: ["fn elementAt(Offsets) -> Vec", "fn ungated(Vec, Offsets) -> Vec"],
  },
  { folder: "backward/dy", declares: ["fn gradientAt(Offsets) -> Vec"] },
  {
    folder: "backward/through",
    declares: ["fn throughNorm(Offsets, Vec, Vec, Vec, Normalizer, Summands) -> Vec"],
  },
  {
    folder: "normalize/statistics",
    declares: ["fn normalizerOfJob(Cursor, Job) -> Normalizer"],
  },
  {
    folder: "normalize/factor",
    declares: ["const SMALL_EPS", "fn normalizerFrom(Moments, PerGroup) -> Normalizer"],
  },
  { folder: "normalize/stored", declares: ["fn normalizerAt(u32) -> Normalizer"] },
  { folder: "normalize/renorm", declares: ["fn withRenorm(Normalizer, u32) -> Normalizer"] },
  { folder: "normalize/apply", declares: ["fn applyNormalizer(Vec, Normalizer) -> Vec"] },
  {
    folder: "normalize/bend",
    declares: ["fn bend(Vec) -> Vec", "fn bendSlope(Vec) -> Vec"],
  },
  {
    folder: "epilogue/parameters",
    declares: ["struct Parameters", "fn parametersAt(Offsets) -> Parameters"],
  },
  { folder: "epilogue/cast", declares: ["fn castNormalized(Vec) -> Vec"] },
  { folder: "epilogue/activation", declares: ["fn activation(Vec, Parameters) -> Vec"] },
  { folder: "epilogue/write", declares: ["fn writeY(Cursor, Job, Normalizer)"] },
  {
    folder: "backward/activation_slope",
    declares: ["fn activationSlope(Vec, Parameters) -> Vec"],
  },
  {
    folder: "backward/dx",
    declares: ["fn inputGradient(Vec, Vec, Vec, Normalizer, Summands) -> Vec"],
  },
  {
    folder: "backward/dx_sums",
    declares: ["fn dxSummands(Vec, Vec, Vec, Normalizer) -> Summands"],
  },
  {
    folder: "backward/parameter_sums",
    declares: ["fn gradientSummands(Offsets, Normalizer, Parameters) -> Summands"],
  },
  { folder: "backward/load", declares: ["fn loadForSums(Cursor, Job)"] },
  { folder: "backward/sum", declares: ["fn sumOverJob(Cursor, Job, Normalizer) -> Sums"] },
  { folder: "backward/write_dx", declares: ["fn writeDx(Cursor, Job, Normalizer, Sums)"] },
  {
    folder: "store/statistics",
    declares: ["fn storeStatistics(Moments, PerGroup, Normalizer, Job)"],
  },
  { folder: "store/running", declares: ["fn updateRunning(u32, f32, f32)"] },
  {
    folder: "exact/lanes",
    declares: [
      "fn sumBitsPerGroup(VecBits) -> PerGroupBits",
      "fn bitsOfGroup(PerGroupBits, u32) -> u32",
    ],
  },
  { folder: "exact/source", declares: ["fn sumsOfShare(Cursor, Job) -> ExactSums"] },
  { folder: "exact/store", declares: ["fn storeExact(ExactSums, Job)"] },
  { folder: "ranges/lanes", declares: ["const LANES", "fn laneOf(VecBits, u32) -> u32"] },
  { folder: "image/load", declares: ["fn colourAt(u32, u32, u32) -> vec3f"] },
  { folder: "image/write", declares: ["fn writePixels(u32, u32, array<vec3f,4>)"] },
  { folder: "store/sums", declares: ["fn storeSums(Sums, Job)"] },
];

/** The rooms, whose own files stand alone: each is the only one of its kind. */
export const ROOMS = [
  "kernels",
  "loop",
  "mask",
  "gate",
  "io",
  "reduce",
  "normalize",
  "epilogue",
  "backward",
  "store",
  "image",
  "exact",
  "ranges",
] as const;

/**
 * What single alternatives declare on top, for files that only go with this one: such a name is
 * no part of the interface.
 */
export const PARTNERS: Readonly<Record<string, readonly [names: string, reason: string]>> = {
  "backward/dx/renormed": ["normalizePlain", "backward/dx_sums/plain sums the same"],
  "backward/load/registers": ["gradientRegisters", "backward/sum/* and write_dx/* of registers"],
  "epilogue/activation/gelu": ["geluBelow", "backward/activation_slope/gelu has it as a factor"],
  "epilogue/activation/gelu_tanh": ["tanhArgument", "its slope has the same argument"],
  "epilogue/activation/none": ["activationSlope", "no slope is read with another activation"],
  "reduce/range/none": ["scaleOf", "there is no magnitude to say it"],
  "reduce/source/partials": ["elementAt", "partials take the place of io/elements"],
  "reduce/source/partials_weighed": ["elementAt", "partials take the place of io/elements"],
};
