import { createContext, layerNorm } from "../../src/index";
import { bias, EPS, type First, LENGTH, ROWS, weight, x } from "./workload";

export const first: First = async () => {
  const ctx = await createContext({ powerPreference: "high-performance" });
  const options = { weight: ctx.tensor(weight, [LENGTH]), bias: ctx.tensor(bias, [LENGTH]) };
  const given = ctx.tensor(x, [ROWS, LENGTH]);
  return layerNorm(given, { normalizedShape: [LENGTH], eps: EPS, ...options }).read();
};
