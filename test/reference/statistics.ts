// This file has the ways to normalize a group of values, as float64 functions: the normalized
// values, and a gradient at them as a gradient at the values. All follow from the formula above
// each.

import { erf } from "../support/activations";
import type { Values } from "../support/arrays";

export type Numbers = readonly number[];

/**
 * The normalized values of group number `group`, and du -> dx. Each value counts as often as its
 * weight says, 1 without weights; those that weigh nothing are finite here.
 */
export type Kind = (x: Numbers, group: number, weights?: Numbers) => Part;

interface Part {
  u: number[];
  back: (du: Numbers) => number[];
  mean?: number;
  rstd?: number;
}

export const sum = (values: Numbers) => values.reduce((all, v) => all + v, 0);
export const average = (values: Numbers) => sum(values) / values.length;
export const dot = (a: Numbers, b: Numbers) => sum(a.map((v, i) => v * b[i]));

const maximum = (x: Numbers) => x.reduce((most, v) => Math.max(most, v), -Infinity);
const largest = (x: Numbers) => maximum(x.map(Math.abs));

const onesFor = (x: Numbers) => x.map(() => 1);

/** sum(w * x) / sum(w), of nothing 0. */
function weighted(x: Numbers, w: Numbers): number {
  const total = sum(w);
  return total === 0 ? 0 : dot(x, w) / total;
}

/** The mean in two passes, so that it is exact at any offset. */
export function weightedMean(x: Numbers, w: Numbers): [rough: number, rest: number] {
  const rough = weighted(x, w);
  const rest = weighted(
    x.map((v) => v - rough),
    w,
  );
  return [rough, rest];
}

/**
 * u = (x - mean) * rstd, where W is the sum of weights:
 * dx = rstd * (du - w * sum(du) / W - w * u * sum(du * u) / (W - correction))
 */
export const moments = (eps: number, correction = 0): Kind => {
  return (x, _, w = onesFor(x)) => {
    const total = sum(w);
    if (total === 0) return { ...nothing(x), mean: 0, rstd: 0 };
    const [rough, rest] = weightedMean(x, w);
    const c = x.map((v) => v - rough - rest);
    const divisor = Math.max(0, total - correction);
    const rstd = 1 / Math.sqrt(sum(c.map((v, i) => w[i] * v * v)) / divisor + eps);
    const u = c.map((v) => v * rstd);
    const back = (du: Numbers) => {
      const m = sum(du) / total;
      const k = dot(du, u) / divisor;
      return du.map((d, i) => rstd * (d - w[i] * m - w[i] * u[i] * k));
    };
    return { u, back, mean: rough + rest, rstd };
  };
};

/** A group of which nothing counts has a rstd of 0. */
const nothing = (x: Numbers): Part => ({ u: x.map(() => 0), back: (du) => du.map(() => 0) });

/**
 * u = c / (s + eps) with c = x - mean, s = sqrt(mean(c^2)):
 * dx = (du - mean(du)) / (s + eps) - c / s * mean(du * c) / (s + eps)^2, where 0 / 0 is 0.
 */
export const deviation = (eps: number, correction = 0): Kind => {
  return (x, _, w = onesFor(x)) => {
    const total = sum(w);
    if (total === 0) return { ...nothing(x), mean: 0, rstd: 0 };
    const [rough, rest] = weightedMean(x, w);
    const c = x.map((v) => v - rough - rest);
    const divisor = Math.max(0, total - correction);
    const s = Math.sqrt(sum(c.map((v, i) => w[i] * v * v)) / divisor);
    const back = (du: Numbers) => {
      const m = sum(du) / total;
      const k = s === 0 ? 0 : dot(du, c) / divisor / s / (s + eps) ** 2;
      return du.map((d, i) => (d - w[i] * m) / (s + eps) - w[i] * c[i] * k);
    };
    return { u: c.map((v) => v / (s + eps)), back, mean: rough + rest, rstd: 1 / (s + eps) };
  };
};

/** u = x * r with r = 1 / sqrt(mean(x^2) + eps): dx = r * (du - u * mean(du * u)) */
export const meanSquare = (eps: number): Kind => {
  return (x, _, w = onesFor(x)) => {
    const total = sum(w);
    if (total === 0) return { ...nothing(x), rstd: 0 };
    const r = 1 / Math.sqrt(sum(x.map((v, i) => w[i] * v * v)) / total + eps);
    const u = x.map((v) => v * r);
    const back = (du: Numbers) => {
      const k = dot(du, u) / total;
      return du.map((d, i) => r * (d - w[i] * u[i] * k));
    };
    return { u, back, rstd: r };
  };
};

/** u = x / norm: dx = (du - sum(du * u) * dnorm/dx) / norm; below eps it is eps, a constant. */
export const pNorm = (p: number, eps: number): Kind => {
  return (x, _, all = onesFor(x)) => {
    const w = p === Infinity ? all.map(Math.sign) : all;
    if (sum(w) === 0) return nothing(x);
    const powers = x.map((v, i) => w[i] * Math.abs(v) ** p);
    const norm = p === Infinity ? largest(x.map((v, i) => w[i] * v)) : sum(powers) ** (1 / p);
    const slopes = norm < eps ? x.map(() => 0) : normSlopes(x, p, norm, w);
    const u = x.map((v) => v / Math.max(norm, eps));
    const back = (du: Numbers) => {
      const k = dot(du, u);
      return du.map((d, i) => (d - k * slopes[i]) / Math.max(norm, eps));
    };
    return { u, back };
  };
};

/** dnorm/dx = sign(x) * (|x| / norm)^(p - 1); of the largest |x|, sign(x), which ties share. */
function normSlopes(x: Numbers, p: number, norm: number, w: Numbers): number[] {
  const ties = x.filter((v, i) => w[i] * Math.abs(v) === norm).length;
  return x.map((v, i) => {
    if (v === 0) return 0;
    if (p === Infinity) return w[i] * Math.abs(v) === norm ? Math.sign(v) / ties : 0;
    return w[i] * Math.sign(v) * (Math.abs(v) / norm) ** (p - 1);
  });
}

/** u = e^x / sum(e^x): dx = u * (du - sum(du * u)) */
export const exponential: Kind = (x) => {
  const most = maximum(x);
  const total = sum(x.map((v) => Math.exp(v - most)));
  const u = x.map((v) => Math.exp(v - most) / total);
  return {
    u,
    back: (du) => {
      const k = dot(du, u);
      return du.map((d, i) => u[i] * (d - k));
    },
  };
};

/** u = x - log(sum(e^x)): dx = du - e^u * sum(du) */
export const logarithmic: Kind = (x) => {
  const most = maximum(x);
  const log = Math.log(sum(x.map((v) => Math.exp(v - most))));
  const u = x.map((v) => v - most - log);
  return {
    u,
    back: (du) => {
      const k = sum(du);
      return du.map((d, i) => d - Math.exp(u[i]) * k);
    },
  };
};

/** u = (x - mean) * rstd with statistics from elsewhere: dx = rstd * du */
export const given = (mean: Values, variance: Values, eps: number): Kind => {
  return (x, g) => {
    const rstd = 1 / Math.sqrt(variance.data[g] + eps);
    return {
      mean: mean.data[g],
      rstd,
      u: x.map((v) => (v - mean.data[g]) * rstd),
      back: (du) => du.map((d) => rstd * d),
    };
  };
};

/** u = u' * r + d of a kind that gives u': du' = r * du */
export const corrected = (kind: Kind, r: Values, d: Values): Kind => {
  return (x, g, w) => {
    const { u, back, ...statistics } = kind(x, g, w);
    return {
      ...statistics,
      u: u.map((v) => v * r.data[g] + d.data[g]),
      back: (du) => back(du.map((v) => v * r.data[g])),
    };
  };
};

/** u = erf(alpha * x + offset): dx = alpha * 2 / sqrt(pi) * e^-(alpha * x + offset)^2 * du */
export const errorFunction = (alpha: number, offset: number): Kind => {
  return (x) => ({
    u: x.map((v) => erf(alpha * v + offset)),
    back: (du) => du.map((d, i) => alpha * d * erfSlope(alpha * x[i] + offset)),
  });
};

/** 2 / sqrt(pi) * e^-t^2 */
export const erfSlope = (t: number) => (2 / Math.sqrt(Math.PI)) * Math.exp(-t * t);

/** u = tanh(alpha * x): dx = alpha / cosh(alpha * x)^2 * du */
export const tangent = (alpha: number): Kind => {
  return (x) => ({
    u: x.map((v) => Math.tanh(alpha * v)),
    back: (du) => du.map((d, i) => (alpha * d) / Math.cosh(alpha * x[i]) ** 2),
  });
};
