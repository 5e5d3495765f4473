// This file has the ways to normalize a group of values, as float64 functions: the normalized
// values, and a gradient at them as a gradient at the values. All follow from the formula above
// each.

import { erf } from "../support/activations";
import type { Values } from "../support/arrays";

export type Numbers = readonly number[];

/** The normalized values of group number `group`, and du -> dx. */
export type Kind = (x: Numbers, group: number) => { u: number[]; back: (du: Numbers) => number[] };

export const sum = (values: Numbers) => values.reduce((all, v) => all + v, 0);
export const average = (values: Numbers) => sum(values) / values.length;
export const dot = (a: Numbers, b: Numbers) => sum(a.map((v, i) => v * b[i]));

const maximum = (x: Numbers) => x.reduce((most, v) => Math.max(most, v), -Infinity);
const largest = (x: Numbers) => maximum(x.map(Math.abs));

/** x - mean, the mean in two passes, so that it is exact at any offset. */
function centred(x: Numbers): number[] {
  const rough = average(x);
  const rest = average(x.map((v) => v - rough));
  return x.map((v) => v - rough - rest);
}

/** u = (x - mean) * rstd: dx = rstd * (du - mean(du) - u * mean(du * u)) */
export const moments = (eps: number): Kind => {
  return (x) => {
    const c = centred(x);
    const rstd = 1 / Math.sqrt(dot(c, c) / x.length + eps);
    const u = c.map((v) => v * rstd);
    const back = (du: Numbers) => {
      const m = average(du);
      const k = dot(du, u) / x.length;
      return du.map((d, i) => rstd * (d - m - u[i] * k));
    };
    return { u, back };
  };
};

/**
 * u = c / (s + eps) with c = x - mean, s = sqrt(mean(c^2)):
 * dx = (du - mean(du)) / (s + eps) - c / s * mean(du * c) / (s + eps)^2, where 0 / 0 is 0.
 */
export const deviation = (eps: number): Kind => {
  return (x) => {
    const c = centred(x);
    const s = Math.sqrt(dot(c, c) / x.length);
    const back = (du: Numbers) => {
      const m = average(du);
      const k = s === 0 ? 0 : dot(du, c) / x.length / s / (s + eps) ** 2;
      return du.map((d, i) => (d - m) / (s + eps) - c[i] * k);
    };
    return { u: c.map((v) => v / (s + eps)), back };
  };
};

/** u = x * r with r = 1 / sqrt(mean(x^2) + eps): dx = r * (du - u * mean(du * u)) */
export const meanSquare = (eps: number): Kind => {
  return (x) => {
    const r = 1 / Math.sqrt(dot(x, x) / x.length + eps);
    const u = x.map((v) => v * r);
    const back = (du: Numbers) => {
      const k = dot(du, u) / x.length;
      return du.map((d, i) => r * (d - u[i] * k));
    };
    return { u, back };
  };
};

/** u = x / norm: dx = (du - sum(du * u) * dnorm/dx) / norm; below eps it is eps, a constant. */
export const pNorm = (p: number, eps: number): Kind => {
  return (x) => {
    const norm = p === Infinity ? largest(x) : sum(x.map((v) => Math.abs(v) ** p)) ** (1 / p);
    const slopes = norm < eps ? x.map(() => 0) : normSlopes(x, p, norm);
    const u = x.map((v) => v / Math.max(norm, eps));
    const back = (du: Numbers) => {
      const k = dot(du, u);
      return du.map((d, i) => (d - k * slopes[i]) / Math.max(norm, eps));
    };
    return { u, back };
  };
};

/** dnorm/dx = sign(x) * (|x| / norm)^(p - 1); of the largest |x|, sign(x), which ties share. */
function normSlopes(x: Numbers, p: number, norm: number): number[] {
  const ties = x.filter((v) => Math.abs(v) === norm).length;
  return x.map((v) => {
    if (v === 0) return 0;
    if (p === Infinity) return Math.abs(v) === norm ? Math.sign(v) / ties : 0;
    return Math.sign(v) * (Math.abs(v) / norm) ** (p - 1);
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
      u: x.map((v) => (v - mean.data[g]) * rstd),
      back: (du) => du.map((d) => rstd * d),
    };
  };
};

/** u = u' * r + d of a kind that gives u': du' = r * du */
export const corrected = (kind: Kind, r: Values, d: Values): Kind => {
  return (x, g) => {
    const { u, back } = kind(x, g);
    return {
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
