// The code of each station. It is loaded when a visitor comes near.

import type { Mount } from "./page";
import type { StationId } from "./titles";

type Load = () => Promise<{ readonly mount: Mount }>;

export const STATIONS: Readonly<Record<StationId, Load>> = {
  effect: () => import("./effect"),
  leak: () => import("./leak"),
  experiment: () => import("./experiment"),
  test: () => import("./train_test"),
  break: () => import("./break_it"),
  back: () => import("./way_back"),
  cost: () => import("./cost"),
  yours: () => import("./your_numbers"),
};
