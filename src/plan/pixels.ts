// This file plans the pixels of an image that a page shows.

import * as files from "../wgsl/files";
import { instantiate } from "../wgsl/link";
import { shaderArray } from "./bindings";
import { statisticsPass } from "./pass";
import { emptyPlan, type Planner, planState, toPlan } from "./plan";
import type { ArrayLayout } from "./problem";
import { NO_OFFSETS, PIXEL_FIELDS } from "./uniform_fields";

/** Plans a pass over the pixels of x, whose axes are rows, columns and channels. */
export const planPixels: Planner = (problem, profile, overrides = {}) => {
  const m = planState(problem, profile, overrides);
  const [rows = 0, columns = 0, channels = 0] = problem.shape;
  const { dtype, offset, strides } = problem.layouts.x as ArrayLayout;
  const [rowStride = 0, columnStride = 0, channelStride = 0] = strides;
  const pixels = rows * columns;
  const values = {
    ...{ columns, pixels, channels, base: offset, rowStride, columnStride, channelStride },
    ...problem.uniforms,
  };
  const fragments = [
    ...[files.vectorScalar, files.halves, files.byteOf],
    instantiate(files.loadSingle, shaderArray("x", "x"), dtype),
    files.kernelDrawPixels,
  ];
  const passes = [statisticsPass(m, "apply", pixels, fragments, PIXEL_FIELDS, values)];
  return toPlan(m, { ...emptyPlan([NO_OFFSETS, 0]), passes });
};
