// This file has the moments of integers in BigInt, each rounded once to the nearest f32.

/** The nearest f32 to a quotient of whole numbers, ties to even; denominator > 0. */
function nearestQuotient(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0;
  const size = numerator < 0n ? -numerator : numerator;
  let exponent = size.toString(2).length - denominator.toString(2).length - 24;
  const scaled = () =>
    exponent < 0
      ? [size << BigInt(-exponent), denominator]
      : [size, denominator << BigInt(exponent)];
  while (scaled()[0] / scaled()[1] >= 1n << 24n) exponent++;
  const [top, bottom] = scaled();
  let mantissa = top / bottom;
  const twice = 2n * (top % bottom);
  if (twice > bottom || (twice === bottom && mantissa % 2n === 1n)) mantissa++;
  const value = Number(mantissa) * 2 ** exponent;
  return numerator < 0n ? -value : value;
}

export interface ExactMoments {
  readonly mean: number;
  /** The variance with a correction. */
  variance(correction: number): number;
  readonly pair: readonly [pivot: number, delta: number];
}

export function exactMoments(values: readonly number[]): ExactMoments {
  let [sum, squares] = [0n, 0n];
  for (const value of values) {
    sum += BigInt(value);
    squares += BigInt(value) ** 2n;
  }
  const n = BigInt(values.length);
  const whole = sum / n; // towards zero
  return {
    mean: nearestQuotient(sum, n),
    pair: [Number(whole), nearestQuotient(sum - whole * n, n)],
    variance: (correction) => {
      const spread = n * squares - sum ** 2n;
      return nearestQuotient(spread, n * (n - BigInt(correction)));
    },
  };
}
