// Numbers as readers expect them.

/** Writes a whole number in full: 13,824. */
export const whole = (value: number): string => value.toLocaleString("en");
