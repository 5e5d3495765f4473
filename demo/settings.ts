// The visitor can change these settings; every slider has its steps here.

export type Kind = "images" | "features";

export interface Settings {
  kind: Kind;
  size: number;
  n: number;
  groups: number;
  eps: number;
  offset: number;
  /** The feature map that is shown. */
  channel: number;
}

export const DEFAULTS: Readonly<Settings> = {
  kind: "images",
  size: 224,
  n: 6,
  groups: 1,
  eps: 1e-5,
  offset: 0,
  channel: 12,
};

export const MAX_N = 16;
export const CHANNELS: Readonly<Record<Kind, number>> = { images: 3, features: 32 };
/** GroupNorm's groups when the kind of input changes. */
export const GROUPS: Readonly<Record<Kind, number>> = { images: 1, features: 8 };
export const EPS_STEPS: readonly number[] = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1];
export const OFFSET_STEPS: readonly number[] = [0, 1, 10, 100, 1e3, 1e4, 1e5, 1e6];

/** The numbers of groups that divide `channels`. */
export function groupSteps(channels: number): number[] {
  const steps: number[] = [];
  for (let g = 1; g <= channels; g++) if (channels % g === 0) steps.push(g);
  return steps;
}

/** Offsets and the like in full: 1,000,000. */
export const whole = (value: number) => value.toLocaleString("en");

/** Few digits: 0.00001 as 1e-5, 0.01 as it is. */
export function short(value: number): string {
  return value !== 0 && value < 1e-3 ? value.toExponential() : String(value);
}
