// The stations below the first screen, in the order of the page.

import type { Station } from "./station";

export const STATIONS: readonly Station[] = [
  {
    id: "effect",
    title: "What it does",
    sentence: "A norm takes away what its sets have in common, and keeps what differs within them.",
    load: () => import("./effect"),
  },
  {
    id: "leak",
    title: "The neighbours leak",
    sentence: "Change one picture. If the others change, the norm leaks between them.",
    load: () => import("./leak"),
  },
  {
    id: "experiment",
    title: "Two values say nothing",
    sentence:
      "Two numbers, less their mean, over their deviation, are always −1 and +1. With a batch of two, " +
      "that is all that BatchNorm lets through.",
    load: () => import("./experiment"),
  },
  {
    id: "test",
    title: "Train and test differ",
    sentence: "In training, BatchNorm's answer depends on the neighbours. In a test it must not.",
    load: () => import("./train_test"),
  },
  {
    id: "break",
    title: "Break it",
    sentence:
      "At 1,000,000 the classic formula subtracts 1,000,000,000,000.2 from 1,000,000,000,000.4 with " +
      "seven digits.",
    load: () => import("./break_it"),
  },
  {
    id: "back",
    title: "The way back",
    sentence: "Ask for one output to grow. Whose inputs have to move?",
    load: () => import("./way_back"),
  },
  {
    id: "cost",
    title: "What it costs here",
    sentence: "A norm has to read its input and write its output. A copy does no less.",
    load: () => import("./cost"),
  },
  {
    id: "yours",
    title: "Your numbers",
    sentence: "Paste a table. Seven digits from the GPU, and float64 beside them.",
    load: () => import("./your_numbers"),
  },
];
