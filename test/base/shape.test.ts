// These tests cover shapes, axes and strides, without a GPU.

import { expect, test } from "vitest";
import { entryAt } from "../../src/base/entry";
import {
  checkAxes,
  checkBroadcast,
  contiguous,
  overlapsItself,
  viewStrides,
} from "../../src/base/shape";
import { stridesAlong } from "../../src/norms/shared/placement";

test("row-major strides", () => {
  expect(contiguous([2, 3, 4])).toEqual([12, 4, 1]);
  expect(contiguous([])).toEqual([]);
});

test("axes count from the end if negative, and none means all", () => {
  expect(checkAxes("op", [-1, 0], 3)).toEqual([true, false, true]);
  expect(checkAxes("op", undefined, 2)).toEqual([true, true]);
  expect(checkAxes("op", [], 2)).toEqual([false, false]);
});

test("an axis named twice is refused, also where the signs differ", () => {
  expect(() => checkAxes("op", [2, -1], 3)).toThrow("op: axes [2, -1] name axis 2 twice");
});

test("broadcasting follows NumPy's rules", () => {
  expect(checkBroadcast("op", "w", [3, 1], [2, 3, 4])).toBe(1);
  expect(checkBroadcast("op", "w", [], [2, 3])).toBe(2);
  expect(() => checkBroadcast("op", "w", [3, 1], [2, 4, 4])).toThrow("op: w has shape [3, 1]");
  expect(() => checkBroadcast("op", "w", [1, 1], [4])).toThrow("op: w has shape [1, 1]");
});

test("a parameter's strides are those along x's axes, 0 where it repeats", () => {
  expect(stridesAlong([3, 1], [1, 1], [1, 2], 3)).toEqual([0, 1, 0]);
  expect(stridesAlong([4], [2], [0], 3)).toEqual([2, 0, 0]);
});

test("a view has strides where no copy is needed, and null where one would be", () => {
  expect(viewStrides([4, 6], [6, 1], [2, 2, 6])).toEqual([12, 6, 1]);
  expect(viewStrides([4, 6], [8, 1], [2, 2, 6])).toEqual([16, 8, 1]); // padded rows
  expect(viewStrides([4, 6], [8, 1], [24])).toBeNull();
  expect(viewStrides([4, 6], [1, 4], [4, 2, 3])).toEqual([1, 12, 4]); // transposed
  expect(viewStrides([4, 6], [1, 4], [24])).toBeNull();
  expect(viewStrides([1, 6], [99, 2], [6, 1])).toEqual([2, 0]);
});

test("overlapping elements are seen", () => {
  expect(overlapsItself([2, 3], [3, 1])).toBe(false);
  expect(overlapsItself([2, 3], [1, 2])).toBe(false);
  expect(overlapsItself([2, 3], [2, 1])).toBe(true);
  expect(overlapsItself([2, 3], [0, 1])).toBe(true);
  expect(overlapsItself([1, 3], [0, 1])).toBe(false);
});

test("an entry that a list does not have is an error", () => {
  expect(entryAt([5, 0, 7], 1)).toBe(0);
  expect(entryAt(new Float32Array([Number.NaN]), 0)).toBeNaN();
  expect(() => entryAt([5], 1)).toThrow("index 1 of 1");
  expect(() => entryAt([5], -1)).toThrow("index -1 of 1");
});
