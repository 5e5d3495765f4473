// Errors are counted in these units; the tolerances are made of them (tolerance.ts).

/** Rounding to f32 is off by at most this share of a number. */
export const UNIT = 2 ** -24;
/** Units of the spread that statistics are off by. */
export const STEPS = 8;
/** Units that the last additions and products of a result are off by. */
export const OWN = 4;
/** A device may flush subnormals to zero. */
export const FLUSH = 2 ** -126;
/** Units of a sum of positive terms in blocks, with a root and a product or two. */
export const SCALE = 16;

/** Results in which there is no difference of large numbers are off in relation to their own size. */
export const relative = (y: number) => SCALE * UNIT * Math.abs(y);
