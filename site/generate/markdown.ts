// Finds parts of Markdown: sections by their headings, tables, and links outside of code.

/** The anchor of a heading, as GitHub has it. */
export const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
    .replaceAll(" ", "-");

/** The body of the section with this anchor, without its heading. */
export function sectionOf(text: string, anchor: string): string {
  const lines = text.split("\n");
  const level = (line: string) => /^(#+) /.exec(line)?.[1].length ?? 0;
  let fenced = false;
  const headings = lines.map((line) => {
    if (line.startsWith("```")) fenced = !fenced;
    return fenced ? 0 : level(line);
  });
  const start = lines.findIndex(
    (line, i) => headings[i] > 0 && slugOf(line.replace(/^#+ /, "")) === anchor,
  );
  if (start < 0) throw new Error(`there is no heading #${anchor}`);
  const after = headings.findIndex((n, i) => i > start && n > 0 && n <= headings[start]);
  return lines
    .slice(start + 1, after < 0 ? undefined : after)
    .join("\n")
    .trim();
}

/** The cells of the rows of a table, without its head. */
export function rowsOf(table: string): string[][] {
  const rows = table.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .slice(1, row.lastIndexOf("|"))
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
}

/** Replaces the targets of links, where they are no code. A link that has a file's name as its text gets another. */
export function replaceLinks(
  text: string,
  replace: (target: string) => string,
  nameOf: (target: string) => string | undefined = () => undefined,
): string {
  // a link whose text is code is cut at its code: targets are found by themselves
  const parts = text.split(/(^```[\s\S]*?^```$|``[^`]+``|`[^`\n]+`)/m);
  const replaced = (part: string) =>
    part
      .replace(/\[[\w./]+\.md\]\(([^()\s]+)\)/g, (whole, target: string) => {
        const name = nameOf(target);
        return name ? `[${name}](${target})` : whole;
      })
      .replace(/\]\(([^()\s]+)\)/g, (_, target: string) => `](${replace(target)})`);
  return parts.map((part, i) => (i % 2 === 1 ? part : replaced(part))).join("");
}
