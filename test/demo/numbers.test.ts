// What visitors paste: numbers in rows or JSON, shapes and axes, and words that say what is wrong.

import { expect, test } from "vitest";
import { inFloat64 } from "../../demo/numbers/operations";
import { MOST_VALUES, parseAxes, parseNumbers, parseShape } from "../../demo/numbers/parse";

test("rows and JSON", () => {
  expect(parseNumbers("1, 2;3\n\n4\t5 6\r\n")).toEqual({
    values: [1, 2, 3, 4, 5, 6],
    shape: [2, 3],
  });
  expect(parseNumbers("1e3 -2")).toEqual({ values: [1000, -2], shape: [2] });
  expect(parseNumbers("[[[1],[2]],[[3],[4]]]")).toEqual({ values: [1, 2, 3, 4], shape: [2, 2, 1] });
  expect(parseNumbers("nan 1").values[0]).toBeNaN();
});

test("what is wrong is said", () => {
  const wrong: [() => unknown, string][] = [
    [() => parseNumbers("  "), "There are no numbers yet."],
    [() => parseNumbers("1 2\n3"), "Row 2 has 1 values, expected 2 as in row 1."],
    [() => parseNumbers("1 two"), '"two" in row 1 is no number.'],
    [() => parseNumbers("[1, "), "This begins like JSON, but it is none."],
    [() => parseNumbers("[[1, 2], [3]]"), "Lists of unequal length, expected the shape [2, 2]."],
    [() => parseNumbers('[1, "2"]'), '"2" is no number.'],
    [
      () => parseNumbers("1 ".repeat(MOST_VALUES + 1)),
      `${MOST_VALUES + 1} values, expected at most ${MOST_VALUES}.`,
    ],
    [() => parseShape("2, 4", 6), "Shape [2, 4], expected lengths whose product is 6."],
    [() => parseShape("", 6), "Shape [], expected lengths whose product is 6."],
    [() => parseAxes("2", 2), "Axis 2, expected -2 to 1."],
    [() => parseAxes("0, -2", 2), "An axis is there twice."],
  ];
  for (const [run, message] of wrong) expect(run).toThrow(message);
});

test("axes may be negative, and are sorted", () => {
  expect(parseAxes("-1, 0", 3)).toEqual([0, 2]);
  expect(parseAxes("", 3)).toEqual([]);
  expect(parseShape("2 x 3", 6)).toEqual([2, 3]);
});

test("float64 has each set's own mean", () => {
  const request = { values: [1, 3, 1e6, 1e6 + 2], shape: [2, 2], axes: [1], dtype: "f32" } as const;
  const half = 1 / Math.sqrt(1 + 1e-5);
  const result = inFloat64("standardize", request);
  expect([...result]).toEqual([-half, half, -half, half].map((v) => expect.closeTo(v, 12)));
  expect([...inFloat64("softmax", { ...request, values: [0, 0, 5, 5] })]).toEqual([
    0.5, 0.5, 0.5, 0.5,
  ]);
  expect([...inFloat64("lpNormalize", { ...request, axes: [0, 1], values: [3, 0, 4, 0] })]).toEqual(
    [0.6, 0, 0.8, 0],
  );
});
