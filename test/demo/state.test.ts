// The state of the demo's page survives its address, whatever a link says.

import { expect, test } from "vitest";
import { AXES } from "../../demo/base/shape";
import { divisorsOf } from "../../demo/norms/partition";
import { FREE, type NormId, named, PRESET_IDS, presetOf, VIEWS } from "../../demo/norms/presets";
import { CHANNELS, EXAMPLES } from "../../demo/sources/shapes";
import { formatState, INITIAL, parseState, type State } from "../../demo/state/fields";
import { picked, settled } from "../../demo/state/settled";
import { leadOf } from "../../demo/static/leads";
import { Random } from "../support/random";

const restored = (hash: string): State => settled({ ...INITIAL, ...parseState(hash) });

function randomState(random: Random): State {
  const axes = AXES.filter(() => random.chance(0.5));
  const view = random.pick(VIEWS);
  const norm = random.pick<NormId>([...PRESET_IDS, named(axes, view), FREE]);
  return settled({
    ...{ ...INITIAL, axes, view },
    ...picked(norm, view),
    groups: random.pick(divisorsOf(CHANNELS)),
    split: random.pick(divisorsOf(EXAMPLES)),
    examples: random.pick([1, 2, 6]),
    time: random.below(401) / 100,
    cell: random.below(100_000) - 1,
    at: random.pick(["", "leak", "cost"]),
  });
}

test("50 random states survive the address", () => {
  const random = new Random(13);
  for (let i = 0; i < 50; i++) {
    const state = randomState(random);
    expect(restored(`#${formatState(state)}`)).toEqual(state);
  }
});

test("the first sentence says what is shown", () => {
  expect(leadOf(INITIAL)).toMatch(/^Six photographs/);
  expect(leadOf({ ...INITIAL, examples: 1 })).toMatch(/^One photograph/);
  expect(leadOf({ view: "tokens", examples: 1 })).toMatch(/^Four sentences/);
});

test("the initial state needs no words", () => {
  expect(formatState(settled(INITIAL))).toBe("");
  expect(restored("")).toEqual(settled(INITIAL));
});

test("unknown and wild values are ignored or clamped", () => {
  const wild = "#norm=nothing&g=-7&ghost=1e9&t=NaN&cell=1e30&at=<script>&axes=xyz&view=&what=ever";
  expect(restored(wild)).toEqual(settled({ ...INITIAL, groups: 1 }));
  expect(restored("#norm=group&g=5").groups).toBe(4);
  expect(restored("#norm=group&g=1000").groups).toBe(CHANNELS);
  expect(restored("#norm=ghost&ghost=4").split).toBe(3);
  expect(restored("#norm=batch&g=8&axes=c").groups).toBe(1);
  expect(restored("#norm=batch&axes=c").axes).toEqual(presetOf("batch").axes);
  expect(restored("#t=99").time).toBe(4);
  expect(restored("#n=0").examples).toBe(1);
  expect(restored("#n=60").examples).toBe(EXAMPLES);
  expect(restored("#norm=sync&n=1").examples).toBe(EXAMPLES);
  expect(restored("#%E0%A4%A")).toEqual(settled(INITIAL));
});

test("keys that a norm has give its name, and others none", () => {
  for (const [text, norm] of [
    ["NHW", "batch"],
    ["CHW", "layer"],
    ["HW", "instance"],
    ["C", "channels"],
    ["N", FREE],
    ["", FREE],
    ["NCHW", FREE],
  ] as const) {
    expect(named(AXES.filter((axis) => text.includes(axis)))).toBe(norm);
  }
});
