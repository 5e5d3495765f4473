// Numbers as people paste them: JSON lists of any depth, or rows of numbers parted by commas,
// semicolons, tabs or spaces.

export interface Parsed {
  readonly values: readonly number[];
  readonly shape: readonly number[];
}

export const MOST_VALUES = 100_000;

/** Returns the numbers and their shape, or throws an error that says what is wrong. */
export function parseNumbers(text: string): Parsed {
  const trimmed = text.trim();
  if (trimmed === "") throw new Error("There are no numbers yet.");
  const parsed = trimmed.startsWith("[") ? fromJson(trimmed) : fromRows(trimmed);
  if (parsed.values.length > MOST_VALUES) {
    throw new Error(`${parsed.values.length} values, expected at most ${MOST_VALUES}.`);
  }
  return parsed;
}

function fromJson(text: string): Parsed {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    throw new Error("This begins like JSON, but it is none.");
  }
  const shape: number[] = [];
  for (let level = list; Array.isArray(level); level = level[0]) shape.push(level.length);
  const values: number[] = [];
  collect(list, shape, 0, values);
  return { values, shape };
}

function collect(part: unknown, shape: readonly number[], depth: number, values: number[]): void {
  if (depth === shape.length) {
    if (typeof part !== "number") throw new Error(`${JSON.stringify(part)} is no number.`);
    values.push(part);
    return;
  }
  if (!Array.isArray(part) || part.length !== shape[depth]) {
    throw new Error(`Lists of unequal length, expected the shape [${shape.join(", ")}].`);
  }
  for (const inner of part) collect(inner, shape, depth + 1, values);
}

function fromRows(text: string): Parsed {
  const rows = text.split(/\r?\n/).map((line) =>
    line
      .trim()
      .split(/[\s,;]+/)
      .filter(Boolean),
  );
  const filled = rows.filter((row) => row.length > 0);
  const [first = []] = filled;
  const values = filled.flatMap((row, i) => {
    if (row.length !== first.length) {
      throw new Error(
        `Row ${i + 1} has ${row.length} values, expected ${first.length} as in row 1.`,
      );
    }
    return row.map((word) => {
      const value = Number(word);
      if (Number.isNaN(value) && word.toLowerCase() !== "nan") {
        throw new Error(`"${word.slice(0, 20)}" in row ${i + 1} is no number.`);
      }
      return value;
    });
  });
  return { values, shape: filled.length === 1 ? [first.length] : [filled.length, first.length] };
}

/** Reads a shape such as "2, 3, 4", whose product has to be the number of values. */
export function parseShape(text: string, length: number): number[] {
  const shape = (text.match(/-?\d+/g) ?? []).map(Number);
  const size = shape.reduce((a, b) => a * b, 1);
  if (shape.length === 0 || size !== length || shape.some((dim) => dim < 1)) {
    throw new Error(`Shape [${shape.join(", ")}], expected lengths whose product is ${length}.`);
  }
  if (shape.length > 8) throw new Error(`Shape of ${shape.length} axes, expected at most 8.`);
  return shape;
}

/** Reads axes such as "0, -1". */
export function parseAxes(text: string, rank: number): number[] {
  const given = (text.match(/-?\d+/g) ?? []).map(Number);
  const axes = given.map((axis) => (axis < 0 ? axis + rank : axis));
  const wrong = axes.find((axis) => axis < 0 || axis >= rank);
  if (wrong !== undefined) throw new Error(`Axis ${wrong}, expected ${-rank} to ${rank - 1}.`);
  if (new Set(axes).size !== axes.length) throw new Error("An axis is there twice.");
  return axes.sort((a, b) => a - b);
}
