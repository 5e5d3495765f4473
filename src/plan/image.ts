// This file plans the normalization of images: one pass over the source and the result.

import { DTYPES } from "../base/dtype";
import { fail } from "../base/errors";
import { sizeOf } from "../base/shape";
import * as files from "../wgsl/files";
import type { Fragment } from "../wgsl/link";
import { storeOperand } from "./bindings";
import type { PlanningProfile } from "./device_profile";
import type { PlanOverrides } from "./overrides";
import { constantsOf, flatPartition, gridOf } from "./pass";
import {
  type Dispatch,
  emptyPlan,
  offsetsFor,
  type Pass,
  type Plan,
  type PlanState,
  planState,
  toPlan,
} from "./plan";
import { type ArrayLayout, forEachArray, type Problem } from "./problem";
import { BINDING_ALIGNMENT } from "./tiling";
import { IMAGE_FIELDS } from "./uniform_fields";
import { kernelWords } from "./uniforms";

/** The strides of an array by what lies along them. */
interface ImageLayout {
  readonly offset: number;
  readonly bytes: number;
  readonly image: number;
  readonly row: number;
  readonly column: number;
  readonly channel: number;
}

/** A geometry has the sizes of the padded result, and the layouts of both arrays. */
interface Geometry {
  readonly images: number;
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  readonly source: ImageLayout;
  readonly result: ImageLayout;
}

/** A part of the result is the work of one dispatch. */
interface Part {
  readonly firstImage: number;
  readonly images: number;
  readonly firstChannel: number;
  readonly channels: number;
  readonly firstRow: number;
  readonly rows: number;
}

function imageLayout({ strides, offset, dtype }: ArrayLayout): ImageLayout {
  const [image = 0, row = 0, column = 0, channel = 0] = strides;
  return { offset, bytes: DTYPES[dtype].bytes, image, row, column, channel };
}

function geometryOf({ shape, layouts }: Problem): Geometry {
  const [images = 0, rows = 0, columns = 0, channels = 0] = shape;
  const source = imageLayout(layouts.x as ArrayLayout);
  return { images, rows, columns, channels, source, result: imageLayout(layouts.y as ArrayLayout) };
}

const isMultipleOf4 = (...numbers: readonly number[]) => numbers.every((n) => n % 4 === 0);

/** Returns whether a pixel of the source is a word. */
const hasWords = ({ source: { offset, image, row, column, channel } }: Geometry) =>
  column === 4 && channel === 1 && isMultipleOf4(offset, image, row);

/** Chooses how four neighbouring pixels are written. */
function writeFile({ images, rows, columns, channels, result }: Geometry): Fragment {
  const { offset, image, row, column, channel } = result;
  const ends = [rows * columns, offset, images > 1 ? image : 0];
  const dense = rows === 1 || row === columns * column;
  if (!isMultipleOf4(...ends) || !dense) return files.writeImageElements;
  if (column === 1 && isMultipleOf4(channels > 1 ? channel : 0)) return files.writeImagePlanes;
  const together = column === 3 && channels === 3 && channel === 1;
  return together ? files.writeImagePixels : files.writeImageElements;
}

interface Bytes {
  readonly offset: number;
  readonly size: number;
}

/** Returns the bytes between two elements, both included, from a multiple of 256 on. */
function bytesBetween(first: number, last: number, bytes: number): Bytes {
  const offset = first * bytes - ((first * bytes) % BINDING_ALIGNMENT);
  return { offset, size: Math.ceil(((last + 1) * bytes - offset) / 4) * 4 };
}

function resultRange({ columns, result }: Geometry, part: Part): Bytes {
  const { offset, bytes, image, row, column, channel } = result;
  const first =
    offset + part.firstImage * image + part.firstRow * row + part.firstChannel * channel;
  const last =
    (part.images - 1) * image +
    (part.rows - 1) * row +
    (columns - 1) * column +
    (part.channels - 1) * channel;
  return bytesBetween(first, first + last, bytes);
}

/** Returns the bytes that a part reads: those of some row, where it is padding alone. */
function sourceRange({ source }: Geometry, part: Part, uniforms: Problem["uniforms"]): Bytes {
  const { innerRows = 1, innerColumns = 1, rowStep = 1, columnStep = 1 } = uniforms;
  const { sourceRow = 0, sourceColumn = 0 } = uniforms;
  const { offset, image, row, column, channel } = source;
  const from = Math.min(part.firstRow, innerRows - 1);
  const to = Math.min(part.firstRow + part.rows, innerRows) - 1;
  const ends = [from, Math.max(from, to)].map((at) => sourceRow + at * rowStep);
  const sides = [0, innerColumns - 1].map((at) => sourceColumn + at * columnStep);
  const first =
    offset + part.firstImage * image + Math.min(...ends) * row + Math.min(...sides) * column;
  const last =
    (part.images - 1) * image +
    (Math.max(...ends) - Math.min(...ends)) * row +
    (innerColumns - 1) * column +
    2 * channel;
  return bytesBetween(first, first + last, 1);
}

type Ranges = { readonly y: Bytes; readonly source?: Bytes };

const rangesOf = (g: Geometry, part: Part, { kind, uniforms }: Problem): Ranges => ({
  y: resultRange(g, part),
  ...(kind.apply.length === 0 && { source: sourceRange(g, part, uniforms) }),
});

/** Cuts the result into parts whose ranges fit a binding: by images, then by planes, then by rows. */
function partsOf(m: PlanState, g: Geometry): Part[] {
  const { problem, profile } = m;
  const size = { images: g.images, channels: g.channels, rows: g.rows };
  const limit = profile.maxBindingBytes - BINDING_ALIGNMENT; // for any start
  const fits = () => {
    const first = { firstImage: 0, firstChannel: 0, firstRow: 0, ...size };
    return Object.values(rangesOf(g, first, problem)).every((range) => range.size <= limit);
  };
  const planes = g.result.channel > g.result.row;
  while (!fits()) {
    if (size.images > 1) size.images = Math.ceil(size.images / 2);
    else if (planes && size.channels > 1) size.channels = 1;
    else if (size.rows > 4) size.rows = 4 * Math.ceil(size.rows / 8);
    else {
      const most = `${profile.maxBindingBytes} bytes (maxStorageBufferBindingSize)`;
      fail(
        problem.op,
        `the rows of an image lie too far apart, expected four of them within ${most}`,
      );
    }
  }
  const starts = (total: number, step: number) =>
    Array.from({ length: Math.ceil(total / step) }, (_, i) => i * step);
  return starts(g.images, size.images).flatMap((firstImage) =>
    starts(g.channels, size.channels).flatMap((firstChannel) =>
      starts(g.rows, size.rows).map((firstRow) => ({
        firstImage,
        firstChannel,
        firstRow,
        images: Math.min(size.images, g.images - firstImage),
        channels: Math.min(size.channels, g.channels - firstChannel),
        rows: Math.min(size.rows, g.rows - firstRow),
      })),
    ),
  );
}

export function planImage(
  problem: Problem,
  profile: PlanningProfile,
  overrides: PlanOverrides = {},
): Plan {
  const m = planState(problem, profile, overrides);
  const placed = offsetsFor(m, []);
  if (sizeOf(problem.shape) === 0) return toPlan(m, emptyPlan(placed));
  const [offsets] = placed;
  const passes = [imagePass(m, geometryOf(problem))];
  return toPlan(m, { schedule: "apply", passes, offsets, statisticsSize: 0, scratch: {} });
}

function imagePass(m: PlanState, g: Geometry): Pass {
  const { problem } = m;
  const { layouts, kind, uniforms } = problem;
  const write = writeFile(g);
  const vectors = write !== files.writeImageElements;
  const access = forEachArray(() => (vectors ? ("vector" as const) : ("single" as const)));
  const load = kind.apply[0] ?? (hasWords(g) ? files.imageWords : files.imageBytes);
  const fragments: Fragment[] = [
    files.imageUniforms,
    files.halves,
    vectors ? files.vectorRows4 : files.vectorScalar,
    { ...load, strideName: "source" },
    storeOperand("y", { access }, layouts, m.nativeF16),
    write,
    files.kernelNormalizeImage,
  ];
  const parts = partsOf(m, g);
  const partition = flatPartition(m, Math.ceil((g.images * g.rows * g.columns) / 4));
  const pixels = g.images * (uniforms.innerRows ?? 0) * (uniforms.innerColumns ?? 0);
  const written = sizeOf(problem.shape) * g.result.bytes;
  return {
    does: "apply",
    fragments,
    constants: constantsOf(m, fragments, partition, {}),
    dispatches: parts.map((part) =>
      dispatchOf(m, g, part, parts.length > 1, vectors ? 4 : 1, partition.workgroup),
    ),
    partition,
    bytes: written + pixels * Math.min(4, g.source.column || 4),
  };
}

function dispatchOf(
  { problem }: PlanState,
  g: Geometry,
  part: Part,
  isCut: boolean,
  width: number,
  workgroup: number,
): Dispatch {
  const { source, result } = g;
  const ranges: Ranges | undefined = isCut ? rangesOf(g, part, problem) : undefined;
  const jobsPerImage = Math.ceil((part.rows * g.columns) / 4);
  const jobs = part.images * jobsPerImage;
  const firstPixel = part.firstRow * g.columns;
  const start = result.offset + part.firstImage * result.image;
  const values = {
    ...problem.uniforms,
    jobs,
    jobsPerImage,
    firstPixel,
    endPixel: firstPixel + part.rows * g.columns,
    columns: g.columns,
    firstImage: part.firstImage,
    sourceBase: source.offset + part.firstImage * source.image - (ranges?.source?.offset ?? 0),
    sourceOfImage: source.image,
    sourceOfRow: source.row,
    sourceOfColumn: source.column,
    sourceOfChannel: source.channel,
    resultBase: (start - (ranges?.y.offset ?? 0) / result.bytes) / width,
    resultOfImage: result.image / width,
    resultOfChannel: result.channel / width,
    resultOfRow: result.row,
    resultOfColumn: result.column,
    firstChannel: part.firstChannel,
    endChannel: part.firstChannel + part.channels,
  };
  const uniforms = kernelWords(IMAGE_FIELDS, values);
  return { uniforms, grid: gridOf(jobs, workgroup), jobs, ranges: ranges ?? {} };
}
