// Entries of lists that have them.

/** The entry of a list at an index that the caller knows it has. */
export function entryAt<T>(list: ArrayLike<T>, index: number): T {
  const entry = list[index];
  if (entry === undefined) throw new RangeError(`index ${index} of ${list.length}`);
  return entry;
}
