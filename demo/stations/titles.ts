// The stations below the first screen, in the order of the page: each has one sentence that can be
// quoted. The page has these words before any script runs.

export interface Title {
  readonly id: string;
  readonly title: string;
  readonly sentence: string;
}

export const TITLES = [
  {
    id: "effect",
    title: "What it does",
    sentence: "A norm takes away what its sets have in common, and keeps what differs within them.",
  },
  {
    id: "leak",
    title: "The neighbours leak",
    sentence: "Change one picture. If the others change, the norm leaks between them.",
  },
  {
    id: "experiment",
    title: "Two values say nothing",
    sentence:
      "Two numbers, less their mean, over their deviation, are always −1 and +1. With a batch of two, " +
      "that is all that BatchNorm lets through.",
  },
  {
    id: "test",
    title: "Train and test differ",
    sentence: "In training, BatchNorm's answer depends on the neighbours. In a test it must not.",
  },
  {
    id: "break",
    title: "Break it",
    sentence:
      "At 1,000,000 the classic formula subtracts 1,000,000,000,000.2 from 1,000,000,000,000.4 with " +
      "seven digits.",
  },
  {
    id: "back",
    title: "The way back",
    sentence: "Ask for one output to grow. Whose inputs have to move?",
  },
  {
    id: "cost",
    title: "What it costs here",
    sentence: "A norm has to read its input and write its output. A copy does no less.",
  },
  {
    id: "yours",
    title: "Your numbers",
    sentence: "Paste a table. Seven digits from the GPU, and float64 beside them.",
  },
] as const satisfies readonly Title[];

export type StationId = (typeof TITLES)[number]["id"];

/** The station that a link leads to. */
export const stationOf = (link: EventTarget | null): string | undefined =>
  (link as Element).closest<HTMLElement>("[data-station]")?.dataset.station;
