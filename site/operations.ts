// This table has what a page of an operation says beyond its docstring: a formula to be typeset, who shares
// statistics, the line of PyTorch, and the call whose cost is shown. All else on the page comes from the source
// and docs/operators.md (site/generate/operation_page.ts), and site/examples/NAME.js is its program.

import { PRESETS, type Preset, type PresetId } from "../demo/norms/presets";

export type Family =
  | "batch"
  | "example"
  | "position"
  | "weights"
  | "outside"
  | "statistics"
  | "around";

export const FAMILIES: Readonly<Record<Family, string>> = {
  batch: "Over the batch",
  example: "Within one example",
  position: "Over any axes",
  weights: "Of weights and gradients",
  outside: "Without statistics, or with given ones",
  statistics: "Statistics alone",
  around: "Masks, gates, images",
};

/** Who shares a statistic with whom, in [N, C, H, W]. */
export interface Picture
  extends Pick<Preset, "axes">,
    Partial<Pick<Preset, "groups" | "split" | "window" | "workers" | "statistic">> {
  /** What the picture shows, as a sentence. */
  readonly about: string;
  /** The words for the first two axes, where they are not examples and channels. */
  readonly words?: readonly [rows: string, columns: string];
  /** The elements that are left out, by their indices. */
  readonly masked?: (n: number, c: number, h: number, w: number) => boolean;
}

export interface OperationRow {
  readonly title: string;
  readonly family: Family;
  /** One line for lists. */
  readonly about: string;
  readonly tex: string;
  readonly picture: Picture;
  /** The same in PyTorch, or nothing where it takes a program. */
  readonly torch?: string;
  /** The call whose plan is shown: its first argument's shape and its options, arrays as their specs. */
  readonly plan?: Readonly<Record<string, unknown>>;
  /** What an operation of several others takes, which have plans of their own. */
  readonly cost?: string;
}

const ROWS = "outputs";
const over = (axes: string): Picture["axes"] => [...axes] as Preset["axes"];
const spec = (...shape: number[]) => ({ shape });

const preset = (id: PresetId): Picture => {
  const { axes, about, statistic, ...rest }: Preset = PRESETS[id];
  const { groups, split, window, workers } = rest;
  return {
    ...{ axes, about, statistic },
    ...(groups && { groups }),
    ...(split && { split }),
    ...(window && { window }),
    ...(workers && { workers }),
  };
};

const weights = (id: PresetId): Picture => ({ ...preset(id), words: [ROWS, "inputs"] });

const none = (about: string): Picture => ({ axes: [], about, statistic: "outside" });

const statistic = (about: string): Picture => ({ axes: over("HW"), about, statistic: "moments" });

const IMAGES = [32, 64, 56, 56];
const ROWS_OF_A_MODEL = { shape: [4096, 768], normalizedShape: [768] };

export const OPERATIONS = {
  batchNorm: {
    title: "BatchNorm",
    family: "batch",
    about: "one mean and variance per channel, over examples and positions",
    tex: String.raw`y = \frac{x - \mu_c}{\sqrt{\sigma_c^2 + \varepsilon}}\,\gamma_c + \beta_c`,
    picture: preset("batch"),
    torch: "F.batch_norm(x, running_mean, running_var, weight, bias, training=True)",
    plan: { shape: IMAGES, training: true },
  },
  syncBatchNorm: {
    title: "SyncBatchNorm",
    family: "batch",
    about: "BatchNorm over the batches of several workers, tabs or machines",
    tex: String.raw`y = \frac{x - \mu_c}{\sqrt{\sigma_c^2 + \varepsilon}}\,\gamma_c + \beta_c,\quad \mu_c, \sigma_c^2 \text{ of all workers}`,
    picture: preset("sync"),
    torch: "nn.SyncBatchNorm(C)(x)",
    cost: "The moments of this worker's batch, 20 bytes a channel in an exchange, and one pass that applies what all have: x is read twice and y written once.",
  },
  batchRenorm: {
    title: "Batch Renormalization",
    family: "batch",
    about: "BatchNorm held near its running statistics",
    tex: String.raw`y = \left(\frac{x - \mu_c}{\sigma_c}\,r_c + d_c\right)\gamma_c + \beta_c`,
    picture: preset("renorm"),
    plan: { shape: IMAGES, training: true, runningMean: spec(64), runningVar: spec(64) },
  },
  meanVarianceNorm: {
    title: "MeanVarianceNormalization",
    family: "batch",
    about: "ONNX's norm, whose eps is added to the deviation",
    tex: String.raw`y = \frac{x - \mu}{\sigma + \varepsilon}`,
    picture: preset("meanVariance"),
    torch:
      "(x - x.mean((0, 2, 3), keepdim=True)) / (x.std((0, 2, 3), correction=0, keepdim=True) + 1e-9)",
    plan: { shape: IMAGES },
  },
  layerNorm: {
    title: "LayerNorm",
    family: "example",
    about: "one mean and variance per example or token, over the trailing axes",
    tex: String.raw`y = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}\,\gamma + \beta`,
    picture: preset("layer"),
    torch: "F.layer_norm(x, [768], weight, bias)",
    plan: ROWS_OF_A_MODEL,
  },
  groupNorm: {
    title: "GroupNorm",
    family: "example",
    about: "one mean and variance per example and group of channels",
    tex: String.raw`y = \frac{x - \mu_{ng}}{\sqrt{\sigma_{ng}^2 + \varepsilon}}\,\gamma_c + \beta_c`,
    picture: {
      ...{ ...preset("group"), groups: 3 },
      about:
        "The channels of an example lie in groups, here three. One group is LayerNorm over (C, H, W), C groups are InstanceNorm.",
    },
    torch: "F.group_norm(x, 32, weight, bias)",
    plan: { shape: IMAGES, groups: 32 },
  },
  instanceNorm: {
    title: "InstanceNorm",
    family: "example",
    about: "one mean and variance per example and channel",
    tex: String.raw`y = \frac{x - \mu_{nc}}{\sqrt{\sigma_{nc}^2 + \varepsilon}}\,\gamma_c + \beta_c`,
    picture: preset("instance"),
    torch: "F.instance_norm(x, weight=weight, bias=bias)",
    plan: { shape: IMAGES },
  },
  rmsNorm: {
    title: "RMSNorm",
    family: "example",
    about: "the root mean square in the place of mean and deviation",
    tex: String.raw`y = \frac{x}{\sqrt{\operatorname{mean}(x^2) + \varepsilon}}\,(\gamma + \gamma_0)`,
    picture: preset("rms"),
    torch: "F.rms_norm(x, [768], weight, eps=1e-6)",
    plan: ROWS_OF_A_MODEL,
  },
  filterResponseNorm: {
    title: "Filter Response Normalization",
    family: "example",
    about: "the mean square of each picture, and a learned threshold",
    tex: String.raw`y = \max\left(\frac{\gamma_c\, x}{\sqrt{\nu_{nc}^2 + |\varepsilon|}} + \beta_c,\ \tau_c\right)`,
    picture: {
      ...preset("filterResponse"),
      about: "InstanceNorm without a mean. A learned threshold follows it.",
    },
    torch:
      "z = x * (x.square().mean((2, 3), keepdim=True) + 1e-6).rsqrt()\ny = torch.maximum(z * weight[:, None, None] + bias[:, None, None], threshold[:, None, None])",
    plan: { shape: IMAGES },
  },
  globalResponseNorm: {
    title: "Global Response Normalization",
    family: "example",
    about: "channels compete by their length (ConvNeXt V2)",
    tex: String.raw`y = \gamma_c\,x\,\frac{G_{nc}}{\operatorname{mean}_c(G_{nc}) + \varepsilon} + \beta_c + x,\quad G_{nc} = \lVert x_{nc} \rVert_2`,
    picture: preset("globalResponse"),
    torch:
      "g = x.norm(dim=(2, 3), keepdim=True)\nn = g / (g.mean(1, keepdim=True) + 1e-6)\ny = weight[:, None, None] * (x * n) + bias[:, None, None] + x",
    cost: "Three steps: the length of each channel, their mean over the channels, and one pass that applies both: x is read twice and y written once.",
  },
  standardize: {
    title: "Standardize over any axes",
    family: "position",
    about: "the general form: mean and variance over the axes that you name",
    tex: String.raw`y = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}\,\gamma + \beta`,
    picture: preset("channels"),
    torch: "F.layer_norm(x.movedim(1, -1), [C]).movedim(-1, 1)  # for axes [1]",
    plan: { shape: IMAGES, axes: [1] },
  },
  lpNormalize: {
    title: "Lp normalization",
    family: "position",
    about: "vectors of length 1 in a p-norm, over any axes",
    tex: String.raw`y = \frac{x}{\max(\lVert x \rVert_p,\ \varepsilon)}`,
    picture: preset("lp"),
    torch: "F.normalize(x, p=2, dim=-1)",
    plan: { shape: [4096, 384], axes: [-1] },
  },
  localResponseNorm: {
    title: "Local Response Normalization",
    family: "position",
    about: "a window of neighbouring channels (AlexNet)",
    tex: String.raw`y_c = \frac{x_c}{\left(k + \frac{\alpha}{n}\sum_{j \in W(c)} x_j^2\right)^{\beta}}`,
    picture: preset("localResponse"),
    torch: "F.local_response_norm(x, 5, alpha=1e-4, beta=0.75, k=1.0)",
    plan: { shape: IMAGES, size: 5 },
  },
  softmax: {
    title: "Softmax",
    family: "position",
    about: "shares that add up to 1, over any axes",
    tex: String.raw`y_i = \frac{e^{x_i - m}}{\sum_j e^{x_j - m}},\quad m = \max_j x_j`,
    picture: preset("softmax"),
    torch: "x.softmax(-1)",
    plan: { shape: [4096, 1024] },
  },
  logSoftmax: {
    title: "Log-softmax",
    family: "position",
    about: "the logarithm of softmax, without the loss of small shares",
    tex: String.raw`y_i = x_i - m - \log \sum_j e^{x_j - m},\quad m = \max_j x_j`,
    picture: preset("logSoftmax"),
    torch: "x.log_softmax(-1)",
    plan: { shape: [4096, 1024] },
  },
  weightNorm: {
    title: "Weight Normalization",
    family: "weights",
    about: "filters of length 1, and a learned magnitude for each",
    tex: String.raw`w = g\,\frac{v}{\lVert v \rVert_2}`,
    picture: weights("weight"),
    torch: "g[:, None, None, None] * F.normalize(v.flatten(1)).view_as(v)",
    plan: { shape: [512, 256, 3, 3], weight: spec(512) },
  },
  weightStandardize: {
    title: "Weight Standardization",
    family: "weights",
    about: "filters of mean 0 and deviation 1",
    tex: String.raw`\hat w = \frac{w - \mu_o}{\sqrt{\sigma_o^2 + \varepsilon}}`,
    picture: weights("weightStandardize"),
    torch: "F.layer_norm(w, w.shape[1:])",
    plan: { shape: [512, 256, 3, 3] },
  },
  globalNorm: {
    title: "Norm of many tensors",
    family: "weights",
    about: "the Euclidean norm of all elements of a list of tensors",
    tex: String.raw`\lVert \cdot \rVert = \sqrt{\textstyle\sum_t \sum_i x_{t,i}^2}`,
    picture: {
      ...{ axes: over("NCHW"), statistic: "norm" },
      about: "All elements of all tensors of the list share one number.",
    },
    torch: "torch.nn.utils.get_total_norm(tensors)",
    cost: "Each tensor is read once; a last pass joins their norms. Nothing is written but a number.",
  },
  clipGradNorm: {
    title: "Clip gradients by their norm",
    family: "weights",
    about: "scales all gradients in place where their norm is above a limit",
    tex: String.raw`g \leftarrow g \cdot \min\left(1,\ \frac{\mathit{max}}{\lVert g \rVert + 10^{-6}}\right)`,
    picture: {
      ...{ axes: over("NCHW"), statistic: "norm" },
      about: "All gradients share one factor.",
    },
    torch: "torch.nn.utils.clip_grad_norm_(parameters, max_norm=1.0)",
    cost: "Each tensor is read twice and written once; nothing waits for the GPU.",
  },
  dynamicTanh: {
    title: "Dynamic Tanh",
    family: "outside",
    about: "no statistic at all: a learned tanh (DyT)",
    tex: String.raw`y = \gamma\,\tanh(\alpha x) + \beta`,
    picture: preset("tanh"),
    torch: "torch.tanh(alpha * x) * weight + bias",
    plan: { ...ROWS_OF_A_MODEL, alpha: spec(1) },
  },
  dynamicErf: {
    title: "Dynamic Erf",
    family: "outside",
    about: "no statistic at all: a learned error function (Derf)",
    tex: String.raw`y = \gamma\,\operatorname{erf}(\alpha x + s) + \beta`,
    picture: none("No statistic at all: the error function of each value alone."),
    torch: "torch.erf(alpha * x + s) * weight + bias",
    plan: { ...ROWS_OF_A_MODEL, alpha: spec(1) },
  },
  applyMoments: {
    title: "Apply given moments",
    family: "outside",
    about: "mean and variance of other data, or merged ones",
    tex: String.raw`y = \frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}}\,\gamma + \beta,\quad \mu, \sigma^2 \text{ given}`,
    picture: preset("given"),
    torch: "F.batch_norm(x, mean, variance, weight, bias)",
    plan: { shape: IMAGES, axes: [0, 2, 3], mean: spec(64), variance: spec(64) },
  },
  denormalize: {
    title: "Denormalize",
    family: "outside",
    about: "the way back from a norm's result (RevIN)",
    tex: String.raw`x = \frac{y - \beta}{\gamma + \varepsilon^2}\,\frac{1}{r} + \mu,\quad r = \frac{1}{\sqrt{\sigma^2 + \varepsilon}}`,
    picture: none("Mean and deviation come from the norm before: nothing is measured here."),
    torch: "(y - bias) / (weight + eps**2) * std + mean",
    plan: { shape: [32, 96, 64], axes: [1], mean: spec(32, 64), rstd: spec(32, 64) },
  },
  foldBatchNorm: {
    title: "Fold a BatchNorm",
    family: "outside",
    about: "a trained BatchNorm becomes a part of the layer before it",
    tex: String.raw`w' = w f,\quad b' = (b - \mu) f + \beta,\quad f = \frac{\gamma}{\sqrt{\sigma^2 + \varepsilon}}`,
    picture: {
      ...none("Each filter is multiplied by one number: afterwards the norm costs nothing."),
      words: [ROWS, "inputs"],
    },
    torch: "torch.nn.utils.fusion.fuse_conv_bn_eval(conv, bn)",
    cost: "Two small passes over the weights, once; at inference no pass is left.",
  },
  mean: {
    title: "Mean",
    family: "statistics",
    about: "over any axes",
    tex: String.raw`\mu = \frac{1}{n}\sum_i x_i`,
    picture: statistic("Axes [2, 3]: each picture has a mean."),
    torch: "x.mean((2, 3))",
    plan: { shape: IMAGES, axes: [2, 3] },
  },
  variance: {
    title: "Variance",
    family: "statistics",
    about: "over any axes, with Bessel's correction",
    tex: String.raw`\sigma^2 = \frac{1}{n - \mathit{correction}}\sum_i (x_i - \mu)^2`,
    picture: statistic("Axes [2, 3]: each picture has a variance."),
    torch: "x.var((2, 3))",
    plan: { shape: IMAGES, axes: [2, 3] },
  },
  std: {
    title: "Standard deviation",
    family: "statistics",
    about: "the root of the variance",
    tex: String.raw`\sigma = \sqrt{\frac{1}{n - \mathit{correction}}\sum_i (x_i - \mu)^2}`,
    picture: statistic("Axes [2, 3]: each picture has a deviation."),
    torch: "x.std((2, 3))",
    plan: { shape: IMAGES, axes: [2, 3] },
  },
  moments: {
    title: "Moments",
    family: "statistics",
    about: "mean, population variance and count from one pass",
    tex: String.raw`\mu = \frac{1}{n}\sum_i x_i,\quad \sigma^2 = \frac{1}{n}\sum_i (x_i - \mu)^2`,
    picture: statistic("Axes [2, 3]: each picture has a mean and a variance."),
    torch: "torch.var_mean(x, (2, 3), correction=0)",
    plan: { shape: IMAGES, axes: [2, 3] },
  },
  mergeMoments: {
    title: "Merge moments",
    family: "statistics",
    about: "the moments of parts become those of the whole",
    tex: String.raw`\mu = \mu_a + \delta\,\frac{n_b}{n},\quad \sigma^2 = \frac{n_a \sigma_a^2 + n_b \sigma_b^2}{n} + \delta^2\,\frac{n_a n_b}{n^2},\quad \delta = \mu_b - \mu_a`,
    picture: {
      ...{ axes: over("NHW"), workers: 2, statistic: "moments" },
      about: "Parts of the batch, measured apart, become one set for every channel.",
    },
    cost: "Some kilobytes: two numbers a channel and part. The data itself is not read again.",
  },
  normalizeImage: {
    title: "Images to a model's input",
    family: "around",
    about: "bytes, canvases, frames and textures in one pass",
    tex: String.raw`y_{nchw} = \frac{\mathit{rescale} \cdot p_{nhwc} - \mu_c}{\sigma_c}`,
    picture: none("Mean and deviation of each channel are the model's: nothing is measured."),
    torch: "torchvision.transforms.functional.normalize(image / 255, mean, std)",
    plan: { shape: [8, 224, 224, 3], inputType: "u8", preset: "imagenet" },
  },
  maskOf: {
    title: "Masks and weights",
    family: "around",
    about: "leaves elements out of a norm's statistics, or weighs them",
    tex: String.raw`\mu = \frac{\sum_i w_i x_i}{W},\quad \sigma^2 = \frac{\sum_i w_i (x_i - \mu)^2}{W - \mathit{correction}},\quad W = \sum_i w_i`,
    picture: {
      ...{ axes: over("CHW"), statistic: "moments" },
      about: "A masked value has no part in the mean of its set, whatever it is.",
      masked: (n, _, h, w) => (3 * h + 5 * w + n) % 4 === 0,
    },
    torch: "(x * mask).sum(-1) / mask.sum(-1)  # for a mean",
    cost: "The mask is read once for each element of x, 4 bytes at most; host booleans are uploaded.",
  },
  lengthsOf: {
    title: "Lengths of sequences",
    family: "around",
    about: "a mask of the padding behind sequences",
    tex: String.raw`w_{nt} = \begin{cases} 1 & t < \mathit{length}_n \\ 0 & \text{elsewhere} \end{cases}`,
    picture: {
      ...{ axes: over("CHW"), statistic: "moments" },
      about: "What lies behind the end of a sequence has no part in its mean.",
      masked: (n, c) => c >= [6, 4, 3][n],
      words: ["examples", "frames"],
    },
    torch: "torch.arange(T)[None] < lengths[:, None]  # as a mask",
    cost: "One number for each example; no mask is stored.",
  },
  gateOf: {
    title: "Gates",
    family: "around",
    about: "a gate multiplies the result of a norm, its input, or a branch before its residual",
    tex: String.raw`y = \operatorname{norm}(x) \cdot \operatorname{act}(z)`,
    picture: {
      ...{ axes: over("CHW"), statistic: "moments" },
      about: "The sets are those of the norm: a gate multiplies behind it, or its input.",
    },
    torch: "F.rms_norm(x, [256], weight) * F.silu(z)",
    cost: "The gate is read once for each element of x, in the pass of the norm.",
  },
  skipOf: {
    title: "Skips",
    family: "around",
    about: "a skip is added to the result of a norm, with a gate of its own or without",
    tex: String.raw`h' = h + g \cdot \operatorname{norm}(x)`,
    picture: {
      ...{ axes: over("CHW"), statistic: "moments" },
      about: "The sets are those of the norm: a skip is added behind it.",
    },
    torch: "h + gate * F.rms_norm(x, [256], weight)",
    cost: "The skip is read once for each element of x, in the pass of the norm.",
  },
} as const satisfies Record<string, OperationRow>;

export type OperationName = keyof typeof OPERATIONS;
export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[];
export const rowOf = (name: OperationName): OperationRow => OPERATIONS[name];

/** These exports are no norms and no statistics: other pages have them. */
export const ON_OTHER_PAGES: Readonly<Record<string, string>> = {
  createContext: "docs/operations.md",
  drawOnCanvas: "docs/operations.md",
  toImageData: "docs/operations.md",
  explain: "docs/prepare_and_tune.md",
  prepare: "docs/prepare_and_tune.md",
  warmup: "docs/prepare_and_tune.md",
  tune: "docs/prepare_and_tune.md",
  exportTuning: "docs/prepare_and_tune.md",
  importTuning: "docs/prepare_and_tune.md",
};
