// Arrays larger than a binding: here bindings are taken for tiny, so that every operation goes through windows.

import { expect } from "vitest";
import { attempt } from "../attempt";
import { seeds, test } from "../fixture";
import { inChunks } from "../harness";
import { oneIn, rows } from "../operations";

const TINY = [4096, 16384]; // bytes

for (const operation of rows) {
  test(`${operation.name}: random problems through tiny windows`, async ({
    device,
    freshContext,
  }) => {
    const step = oneIn(operation, 40, 6);
    const own = seeds().filter(
      (seed, _, all) => all.length === 1 || seed % step === rows.indexOf(operation) % step,
    );
    const failures: string[] = [];
    for (const [k, windowBytes] of TINY.entries()) {
      const ctx = await freshContext({ device, profile: { windowBytes } });
      const some = own.filter((_, i) => own.length === 1 || i % TINY.length === k);
      failures.push(...(await inChunks(some, (seed) => attempt(ctx, operation, seed))));
    }
    expect(failures.slice(0, 5), `${failures.length} failures; SEED=n runs one`).toEqual([]);
  });
}
