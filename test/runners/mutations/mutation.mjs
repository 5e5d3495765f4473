// A mutation is a fault made by hand, as data.

/**
 * @typedef {object} Mutation
 * @property {string} name
 * @property {string} file
 * @property {string} find
 * @property {string} replace
 * @property {string} why it is wrong
 * @property {string[]} tests files in which one test at least must fail
 */

/** Returns the path of a file of tests. */
export const test = (/** @type {string} */ name) => `test/${name}.test.ts`;
