// Statistics may come from the caller's arrays. This file comes with the norms that take them.

import type { DType } from "../base/dtype";
import type { Fragment } from "../wgsl/link";
import { absentStatistics, loadStatistics } from "./bindings";
import type { StatisticsInput } from "./operands";
import type { GivenStatistics } from "./problem";
import type { StatisticsSource } from "./uniform_fields";

/** An array of the caller's has a name in the shaders and the name of its argument. */
export interface GivenArray {
  readonly array: StatisticsInput;
  readonly argument: string;
  readonly dtype: DType;
  readonly starts: Partial<StatisticsSource>; // first elements: of a mean's pair there are two
}

/**
 * Returns statistics for this file, which derives a normalizer from them: a mean, if there is one,
 * and the source of the factor.
 */
export const statisticsFrom = (
  file: Fragment,
  mean: GivenArray | undefined,
  factor: GivenArray | undefined,
): GivenStatistics => ({
  key: [file.name, mean, factor],
  starts: { ...mean?.starts, ...factor?.starts },
  fragments: (nest) => {
    const load = ({ array, dtype, argument }: GivenArray) =>
      loadStatistics(array, nest, dtype, argument);
    return [file, mean ? load(mean) : absentStatistics("mean"), ...(factor ? [load(factor)] : [])];
  },
});
