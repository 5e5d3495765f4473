// A module keeps what the backwards of its forwards need: of the last one, and of each earlier one
// as long as its y lives.

import type { Tensor } from "../runtime/tensor";

/** A saved forward has its x, its y, the options of its backward, and statistics and a sum of the module's. */
export interface SavedForward
  extends Partial<Record<"mean" | "meanPair" | "rstd" | "variance" | "sum", Tensor>> {
  readonly x: Tensor;
  readonly y: WeakRef<Tensor>; // a caller may forget y instead of destroying it
  readonly options: object;
}

function release({ x, y, options, ...statistics }: SavedForward): void {
  for (const tensor of Object.values(statistics)) tensor.destroy();
}

export class SavedForwards {
  private readonly all = new Set<SavedForward>();
  private last: SavedForward | string = "there was no forward";

  /** Keeps the last forward, or says why nothing of it is kept. Releases those whose y is gone. */
  keep(last: SavedForward | string): void {
    if (typeof last !== "string") this.all.add(last);
    this.last = last;
    for (const saved of this.all) {
      if (saved !== last && (saved.y.deref()?.destroyed ?? true)) this.drop(saved);
    }
  }

  /** Returns the forward that gave this y, or the last one, or why it is not kept. */
  find(y: unknown): SavedForward | string {
    if (y === undefined) return this.last;
    const found = [...this.all].find((saved) => saved.y.deref() === y);
    return found ?? "`of` is no y of a forward that is kept";
  }

  /** Releases the forwards that a function chooses, by default all. */
  release(reason: string, chosen: (saved: SavedForward) => boolean = () => true): void {
    for (const saved of this.all) if (chosen(saved)) this.drop(saved);
    const { last } = this;
    if (typeof last === "string" || !this.all.has(last)) this.last = reason;
  }

  private drop(saved: SavedForward): void {
    this.all.delete(saved);
    release(saved);
  }
}
