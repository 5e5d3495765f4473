// What the package @tensorflow/tfjs has for its users: the parts that it joins, without those of
// backends and formats that no test needs.

import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops";
import "@tensorflow/tfjs-core/dist/register_all_gradients";

export * from "@tensorflow/tfjs-core";
export * from "@tensorflow/tfjs-layers";
