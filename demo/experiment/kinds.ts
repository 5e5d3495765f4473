// A kind is the norm of a network. All kinds train side by side, on the same digits.

export type Kind =
  | { readonly norm: "batch"; readonly examples: number }
  | { readonly norm: "group"; readonly groups: number };

/** BatchNorm takes its statistics over this many examples: a batch is divided into ghost batches. */
export const batchNormOver = (examples: number): Kind => ({ norm: "batch", examples });
export const groupNormOf = (groups: number): Kind => ({ norm: "group", groups });

export function labelOf(kind: Kind): string {
  if (kind.norm === "group") return `GroupNorm, ${counted(kind.groups, "group")}`;
  return `BatchNorm, ${counted(kind.examples, "example")}`;
}

/** The number of values behind one mean, for an activation of these channels and this side. */
export function valuesPerStatistic(kind: Kind, channels: number, side: number): number {
  const pixels = side * side;
  return kind.norm === "batch" ? kind.examples * pixels : (channels / kind.groups) * pixels;
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;
