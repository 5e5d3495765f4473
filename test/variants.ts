/**
 * Every combination of shader files that the planner can join, as data: test/gpu/shaders.test.ts
 * compiles them all, and scripts/naga.mjs has another implementation of WGSL look at them.
 */
import { KINDS, type Kind } from "../src/kinds";
import type { ModuleName } from "../src/modules";

const STORAGE: readonly (readonly ModuleName[])[] = [
  ["pack/f32", "stat/one"],
  ["pack/f32x4", "stat/fold4"],
  ["pack/f32x4", "stat/four"],
];
const TEAMS: readonly ModuleName[] = ["team/alone", "team/workgroup"];
const IO: readonly ModuleName[] = ["io/apart", "io/in_place"];
const KIND_LIST: readonly Kind[] = Object.values(KINDS);

/** How statistics of a kind are come by, with what writes y from them. */
const measuresOf = ({ pivot }: Kind): (readonly ModuleName[])[] => [
  ["measure/streamed", pivot.streamed, "write/streamed"],
  ["measure/held", pivot.held, "write/held"],
  ["measure/given", "write/streamed"],
];
const SINKS: readonly ModuleName[] = ["sink/statistics", "sink/nothing"];

const parametersFor = (storage: readonly ModuleName[]): readonly ModuleName[] =>
  storage.includes("pack/f32") ? ["param/f32"] : ["param/f32x4", "param/f32_gather4"];

/** All choices of one from each list, in the lists' order. */
function choices<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>(
    (done, list) => done.flatMap((some) => list.map((one) => [...some, one])),
    [[]],
  );
}

const common: readonly ModuleName[] = ["params", "walk", "moments"];

function normalizations(kind: Kind): ModuleName[][] {
  return STORAGE.flatMap((storage) =>
    choices<readonly ModuleName[]>([
      [[...common, ...kind.files]],
      [storage],
      TEAMS.map((team) => [team]),
      IO.map((io) => [io]),
      [["source/elements"]],
      measuresOf(kind),
      SINKS.map((sink) => [sink]),
      parametersFor(storage).map((param) => [param]),
      [["parameters", kind.form, "normalize"]],
    ]).map((lists) => lists.flat()),
  );
}

function reductions(kind: Kind): ModuleName[][] {
  const elements = choices<readonly ModuleName[]>([
    [[...common, ...kind.files]],
    STORAGE,
    TEAMS.map((team) => [team]),
    [["io/input", "source/elements"]],
    [
      ["measure/streamed", kind.pivot.streamed],
      ["measure/held", kind.pivot.held],
    ],
    [["sink/records"], ["sink/statistics"]],
    [["reduce"]],
  ]);
  const records = choices<readonly ModuleName[]>([
    [[...common, ...kind.files, ...STORAGE[0]]],
    TEAMS.map((team) => [team]),
    [["source/records", "measure/streamed", kind.pivot.streamed, "sink/statistics", "reduce"]],
  ]);
  return [...elements, ...records].map((lists) => lists.flat());
}

/** Given statistics are never combined. */
const isJoined = (files: readonly ModuleName[]) =>
  !(files.includes("measure/given") && files.includes("team/workgroup"));

export const VARIANTS: readonly (readonly ModuleName[])[] = [
  ...KIND_LIST.flatMap(normalizations).filter(isJoined),
  ...KIND_LIST.flatMap(reductions),
  ["params", "track"],
];
