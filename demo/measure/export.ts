// Two buttons take figures home as JSON: one copies them, one downloads them.

import { byId } from "../base/dom";

export interface Exported {
  /** The file's name, without .json. */
  readonly name: string;
  readonly value: object;
}

/** Binds the elements whose ids begin so; returns how to allow them. */
export function bindExport(prefix: string, exported: () => Exported): (possible: boolean) => void {
  const copy = byId<HTMLButtonElement>(`${prefix}-copy`);
  const download = byId<HTMLButtonElement>(`${prefix}-download`);
  const said = byId(`${prefix}-said`);
  copy.addEventListener("click", async () => {
    const written = await write(jsonOf(exported().value));
    said.textContent = written ? "Copied." : "This browser refuses to copy. Download works.";
  });
  download.addEventListener("click", () => {
    const { name, value } = exported();
    save(`${name}.json`, jsonOf(value));
    said.textContent = `Saved as ${name}.json.`;
  });
  return (possible) => {
    copy.disabled = download.disabled = !possible;
    said.textContent = "";
  };
}

/** As the benchmark's own files are written. */
const jsonOf = (value: object) => `${JSON.stringify(value, null, 1)}\n`;

async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function save(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000); // the download has begun by then
}

/** A file's name out of an adapter's: "google-swiftshader". */
export const fileName = (adapter: string): string =>
  adapter
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 60) || "gpu";
