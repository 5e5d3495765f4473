// The command line, built and run as its users run it, on a software adapter.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import cli from "../../cli/package.json" with { type: "json" };
import published from "../../package.json" with { type: "json" };
import { root } from "../../scripts/lib/browser.mjs";
import { bundle } from "../../scripts/lib/bundle.mjs";
import { vulkan } from "../../scripts/lib/vulkan.mjs";
import { Random } from "../support/random";

const folder = mkdtempSync(join(tmpdir(), "webgpu-norm-cli-"));
const inFolder = (name: string) => join(folder, name);
const main = join(root, "cli", "dist", "main.js");

beforeAll(async () => {
  const external = ["webgpu", "commander", "cli-progress", "csv-parse", /^node:/];
  await bundle(join(root, "cli", "src", "main.ts"), main, {}, external);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly out: string;
  readonly error: string;
  readonly code: number | null;
}

async function run(...args: string[]): Promise<Ended> {
  const env = { ...process.env, ...(await vulkan()) };
  const child = spawn(process.execPath, [main, ...args], { env });
  let [out, error] = ["", ""];
  child.stdout.on("data", (data) => {
    out += data;
  });
  child.stderr.on("data", (data) => {
    error += data;
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { out, error, code };
}

/** NPY, as NumPy writes it. */
function npy(name: string, descr: string, shape: readonly number[], data: ArrayBufferView): string {
  const list = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${list}), }`;
  const padded = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
  const head = Buffer.alloc(10);
  head.write("\x93NUMPY\x01\x00", "latin1");
  head.writeUInt16LE(padded.length, 8);
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  writeFileSync(inFolder(name), Buffer.concat([head, Buffer.from(padded, "latin1"), bytes]));
  return inFolder(name);
}

/** Mean and deviation of every `columns`-th element, in float64. */
function columnMoments(data: ArrayLike<number>, columns: number) {
  return Array.from({ length: columns }, (_, c) => {
    const own = Array.from(data).filter((_, i) => i % columns === c);
    const mean = own.reduce((a, b) => a + b, 0) / own.length;
    const square = own.reduce((a, b) => a + (b - mean) ** 2, 0);
    return { mean, deviation: Math.sqrt(square / own.length) };
  });
}

const SLOW = 120_000;

test("it has the library's version, and the library's command runs that", () => {
  expect(cli.version).toBe(published.version);
  const forward = readFileSync(join(root, published.bin["webgpu-norm"]), "utf8");
  expect(forward).toContain(`${cli.name}@\${version}`);
});

test(
  "explain and wgsl, on paper",
  async () => {
    const explained = await run("explain", "layerNorm", "--shape", "4096,768", "--profile", "gpu");
    expect(explained.out).toMatch(/^Planned for any gpu\.\nlayerNorm: row schedule/);
    expect(explained.out).toContain("4096 groups of 768");
    const json = await run(
      "explain",
      "groupNorm",
      "-s",
      "2,64,8,8",
      "groups=4",
      "-p",
      "cpu",
      "--json",
    );
    expect(JSON.parse(json.out)).toMatchObject({ op: "groupNorm", groups: 8, count: 1024 });
    const { out } = await run("wgsl", "rmsNorm", "-s", "4x8", "-p", "gpu", "normalizedShape=8");
    expect(out).toMatch(/^\/\/ Pass 1, normalize/);
    expect(out).toContain("// ==== kernels/normalize.wgsl");
  },
  SLOW,
);

test(
  "explain, for the GPU that is there",
  async () => {
    const { out, code } = await run("explain", "softmax", "--shape", "16,50", "axes=[-1]");
    expect(code).toBe(0);
    expect(out).toMatch(/^Planned for .*(SwiftShader|llvmpipe)/i);
  },
  SLOW,
);

test(
  "moments of NPY files are those of float64, together with more files and axes",
  async () => {
    const random = new Random(5);
    const data = random.normals(600 * 3 * 4, 1000, 2);
    const one = npy("one.npy", "<f4", [600, 3, 4], data);
    const { out } = await run("moments", one, "--json");
    const found = JSON.parse(out);
    expect(found).toMatchObject({ files: 1, samples: 600, axes: [0, 1], shape: [4], count: 1800 });
    for (const [i, { mean, deviation }] of columnMoments(data, 4).entries()) {
      expect(Math.abs(found.mean[i] - mean)).toBeLessThan(1e-7 * 1000); // 1.6 roundings of 1000 to f32
      expect(Math.abs(found.deviation[i] - deviation)).toBeLessThan(2e-6 * deviation); // docs/numerics.md
    }
    const bytes = Uint8Array.from({ length: 500 }, (_, i) => (i * 37) % 256);
    const two = npy("two.npy", "|u1", [250, 2], bytes.subarray(0, 500));
    const three = npy("three.npy", "|u1", [100, 2], bytes.subarray(0, 200));
    const both = JSON.parse(
      (await run("moments", two, three, "--json", "-c", "1", "-a", "0,1")).out,
    );
    const all = [...bytes, ...bytes.subarray(0, 200)];
    const [{ mean, deviation }] = columnMoments(all, 1) as [{ mean: number; deviation: number }];
    expect(both).toMatchObject({ files: 2, samples: 350, count: 700, shape: [] });
    expect(both.mean[0]).toBeCloseTo(mean, 4);
    expect(both.deviation[0]).toBeCloseTo(deviation * Math.sqrt(700 / 699), 4);
  },
  SLOW,
);

test(
  "moments of CSV have the columns' names, those of raw files a shape",
  async () => {
    const lines = Array.from({ length: 50 }, (_, i) => `p${i},${i / 2},"${1000 + (i % 7)}"`);
    writeFileSync(inFolder("table.csv"), `name,height,mass\n${lines.join("\n")}\n`);
    const { out } = await run("moments", inFolder("table.csv"));
    expect(out).toMatch(
      /^50 samples of 1 file, 50 elements a group\ngroup +mean +deviation\nheight +12\.25/,
    );
    expect(out).toMatch(/\nmass +1002\.9/);
    writeFileSync(inFolder("raw.bin"), new Uint8Array(Float32Array.of(1, 2, 3, 5).buffer));
    const raw = JSON.parse(
      (await run("moments", inFolder("raw.bin"), "--sample", "2", "--json")).out,
    );
    expect(raw.mean).toEqual([2, 3.5]);
  },
  SLOW,
);

test(
  "tune measures, and writes what createContext takes",
  async () => {
    const out = inFolder("tuning.json");
    const tuned = await run("tune", "mean", "-s", "64,32", "axes=[1]", "--out", out);
    expect(tuned.out).toMatch(/ ms/);
    expect(JSON.parse(readFileSync(out, "utf8")).format).toBe("webgpu-norm tuning 2");
  },
  SLOW,
);

test(
  "doctor describes the adapter and checks operations",
  async () => {
    const { out, code } = await run("doctor", "--only", "softmax", "-n", "2");
    expect(code).toBe(0);
    expect(out).toMatch(/^Adapter: .*an adapter in software: it computes on the CPU/);
    expect(out).toMatch(/All right: \d+ operations, \d+ random problems agree with float64/);
  },
  SLOW,
);

test(
  "errors say what was given and expected",
  async () => {
    const ways = [
      [["explain", "layerNrm", "-s", "2"], "layerNrm is no operation; these are: "],
      [["explain", "layerNorm", "-s", "2,b"], "shape 2,b, expected sizes such as 4096,768"],
      [["wgsl", "softmax", "-s", "2", "-p", "tpu"], "profile tpu, expected gpu or cpu"],
      [["explain", "softmax", "-s", "2", "axes"], "option axes, expected name=value"],
      [["explain", "softmax", "-s", "2", "-p", "gpu", "axis=1"], /softmax: .*axis/],
      [["moments", inFolder("none.npy")], "no such file"],
      [
        ["moments", npy("big.npy", ">f4", [2], new Float32Array(2))],
        "type >f4, expected little-end",
      ],
      [["moments", npy("cut.npy", "<f4", [2, 2], new Float32Array(3))], "ends with 4 bytes"],
    ] as const;
    writeFileSync(inFolder("words.csv"), "a,b\nx,y\n");
    const all = [
      ...ways,
      [["moments", inFolder("words.csv")], "has no column of numbers"] as const,
    ];
    for (const [args, message] of all) {
      const { error, code } = await run(...args);
      expect(code, args.join(" ")).toBe(1);
      expect(error).toMatch(message);
    }
  },
  SLOW,
);
