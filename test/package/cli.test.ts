// The command line, built and run as its users run it, on a software adapter.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import cli from "../../cli/package.json" with { type: "json" };
import published from "../../package.json" with { type: "json" };
import { root } from "../../scripts/lib/browser.mjs";
import { vulkan } from "../../scripts/lib/vulkan.mjs";
import { Random } from "../support/random";

const folder = mkdtempSync(join(tmpdir(), "webgpu-norm-cli-"));
const inFolder = (name: string) => join(folder, name);
const main = join(root, "cli", "dist", "main.js");

beforeAll(async () => {
  const built = spawn(process.execPath, [join(root, "cli", "build.mjs")], { stdio: "inherit" });
  expect(await new Promise((resolve) => built.on("close", resolve))).toBe(0);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly out: string;
  readonly error: string;
  readonly code: number | null;
}

const run = async (...args: string[]) => runIn({ ...process.env, ...(await vulkan()) }, ...args);

async function runIn(env: NodeJS.ProcessEnv, ...args: string[]): Promise<Ended> {
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
    expect(out).toContain("fn main("); // and comments, as in the repository
    expect(out).toMatch(/^\/\/ [A-Z].*\.$/m);
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

test.skipIf(process.platform !== "linux")(
  "without a GPU doctor fails and says what to install, and explain plans on paper",
  async () => {
    const env = { ...process.env, VK_ICD_FILENAMES: inFolder("none.json") };
    const ended = await runIn(env, "doctor");
    expect(ended.code).toBe(1);
    expect(ended.out).toMatch(/^There is no WebGPU here: no adapter, .*mesa-vulkan-drivers/m);
    const { out, code } = await runIn(env, "explain", "mean", "-s", "4,8");
    expect(code).toBe(0);
    expect(out).toMatch(/^Planned for any GPU on paper \(no adapter/m);
    const { error } = await runIn(env, "moments", npy("some.npy", "<f4", [2], new Float32Array(2)));
    expect(error).toMatch(/^webgpu-norm: no adapter/m);
  },
  SLOW,
);

test("groups of several axes have their places", async () => {
  const data = Float32Array.of(0, 1, 2, 3, 4, 5, 2, 3, 4, 5, 6, 7);
  const { out } = await run("moments", npy("places.npy", "<f4", [2, 2, 3], data), "-a", "0");
  expect(out).toMatch(/\n0,0 +1\.0.*\n0,1 +2\.0.*\n0,2 .*\n1,0 +4\.0/);
  const all = await run("moments", inFolder("places.npy"), "-a", "0,1,2");
  expect(all.out).toMatch(/12 elements a group\n.*\nall +3\.5/);
}, 60_000);

test(
  "errors say what was given and expected",
  async () => {
    const ways = [
      [["explain", "layerNrm", "-s", "2"], "layerNrm is no operation; these are: "],
      [["explain", "layerNorm", "-s", "2,b"], "shape 2,b, expected sizes such as 4096,768"],
      [["wgsl", "softmax", "-s", "2", "-p", "tpu"], /tpu.*Allowed choices are gpu, cpu/],
      [["explain", "softmax", "-s", "2", "axes"], "option axes, expected name=value"],
      [["explain", "softmax", "-s", "2", "-p", "gpu", "axis=1"], /softmax: .*axis/],
      [["explain", "layer_norm", "-s", "2"], "layer_norm is no operation; is it layerNorm?"],
      [["explain", "clipGradNorm", "-s", "2"], "clipGradNorm has no plan, expected one of app"],
      [["explain", "softmax", "-s", "2", "-d", "f8"], /f8.*Allowed choices are f32, f16, bf16/],
      [["doctor", "-n", "x"], "Expected a whole number above 0."],
      [["doctor", "--only", "nothing"], "no operation's name contains nothing; these are: mean"],
      [["moments", "a.npy", "-a", "x"], "Expected axes such as 0,1."],
      [["moments", "a.npy", "-c", ""], "Expected a number."],
      [["moments", folder], "is no file"],
      [["moments", npy("none_at_all.npy", "<f4", [0, 2], new Float32Array(0))], "no element"],
      [["moments", inFolder("none.npy")], "there is no such file"],
      [
        ["moments", npy("big.npy", ">f4", [2], new Float32Array(2))],
        "type >f4, expected little-end",
      ],
      [["moments", npy("cut.npy", "<f4", [2, 2], new Float32Array(3))], "ends with 4 bytes"],
    ] as const;
    writeFileSync(inFolder("words.csv"), "a,b\nx,y\n");
    writeFileSync(inFolder("empty.csv"), "");
    writeFileSync(inFolder("gap.csv"), "a,b\n1,2\n3,\n");
    writeFileSync(inFolder("turned.csv"), "b,a\n1,2\n");
    const all = [
      ...ways,
      [["moments", inFolder("words.csv")], "has no column of numbers"] as const,
      [["moments", inFolder("empty.csv")], "is empty, expected lines of numbers"] as const,
      [["moments", inFolder("gap.csv")], 'line 3, b: "" is no number'] as const,
      [
        ["moments", inFolder("turned.csv"), inFolder("gap.csv")],
        "gap.csv: columns of numbers a,b, expected b,a",
      ] as const,
    ];
    for (const [args, message] of all) {
      const { error, code } = await run(...args);
      expect(code, args.join(" ")).toBe(1);
      expect(error).toMatch(message);
    }
  },
  SLOW,
);
