// Which file of the repository is which page of the site, and where links between them lead.

import { posix } from "node:path";
import { OPERATION_NAMES } from "../operations";
import { exampleRoute, examples } from "./examples";
import { exists, isFolder } from "./repository";

interface Chapter {
  readonly title: string;
  readonly pages: readonly Page[];
}

interface Page {
  readonly route: string;
  readonly file: string;
  /** The name in the sidebar. */
  readonly name: string;
}

const page = (name: string, file: string, route: string): Page => ({ name, file, route });

/** What the sidebar has besides operations and the reference of the interface. */
export const CHAPTERS: readonly Chapter[] = [
  {
    title: "Start",
    pages: [
      page("Ten-minute guide", "docs/guide.md", "guide"),
      page("Recipes", "docs/recipes.md", "recipes"),
      page("How it works", "docs/how_it_works.md", "how_it_works"),
    ],
  },
  {
    title: "Moving here",
    pages: [
      page("From PyTorch", "docs/migrate/pytorch.md", "migrate/pytorch"),
      page("From tf.layers and Keras", "docs/migrate/tensorflow.md", "migrate/tensorflow"),
      page("From flax and MLX", "docs/migrate/flax.md", "migrate/flax"),
      page("From ONNX and WebNN", "docs/migrate/onnx.md", "migrate/onnx"),
      page("The whole dictionary", "docs/operators.md", "migrate/dictionary"),
    ],
  },
  {
    title: "Examples",
    pages: [
      page("All examples", "examples/README.md", "examples/index"),
      ...examples().map(({ folder, title }) =>
        page(title, `examples/${folder}/README.md`, exampleRoute(folder)),
      ),
    ],
  },
  {
    title: "In use",
    pages: [
      page("Options, tensors, errors", "docs/operations.md", "options"),
      page("Prepare and tune", "docs/prepare_and_tune.md", "prepare_and_tune"),
      page("Modules with state", "docs/modules.md", "modules"),
      page("Streams", "docs/streams.md", "streams"),
      page("Travelling moments", "docs/travelling_moments.md", "travelling_moments"),
      page("Beside other libraries", "docs/interop.md", "interop"),
      page("Command line", "cli/README.md", "cli"),
    ],
  },
  {
    title: "Can I trust it?",
    pages: [
      page("Numerics", "docs/numerics.md", "numerics"),
      page("Performance", "docs/performance.md", "performance"),
      page("At scale", "docs/scale.md", "scale"),
      page("Reliability", "docs/reliability.md", "reliability"),
      page("Changelog", "CHANGELOG.md", "changelog"),
      page("Security", "SECURITY.md", "security"),
    ],
  },
  {
    title: "Inside",
    pages: [
      page("Architecture", "ARCHITECTURE.md", "architecture"),
      page("Kernels", "docs/design/kernels.md", "design/kernels"),
      page("Planning", "docs/design/planning.md", "design/planning"),
      page("Tiling and limits", "docs/design/tiling.md", "design/tiling"),
      page("Subgroups", "docs/design/subgroups.md", "design/subgroups"),
      page("Numerical choices", "docs/design/numerics.md", "design/numerics"),
      page("Streams inside", "docs/design/streams.md", "design/streams"),
      page("States and groups", "docs/design/states_and_groups.md", "design/states_and_groups"),
      page("Size", "docs/design/size.md", "design/size"),
      page("Memory and order", "docs/design/memory_and_order.md", "design/memory_and_order"),
      page("Machine code", "docs/design/machine_code.md", "design/machine_code"),
      page("History", "docs/design/history.md", "design/history"),
      page("Contributing", "CONTRIBUTING.md", "contributing"),
    ],
  },
];

export const PAGES: readonly Page[] = CHAPTERS.flatMap(({ pages }) => pages);

/** Other places that a link of the repository may name. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "README.md": "index",
  "docs/README.md": "index",
  "docs/design": "architecture",
  docs: "index",
  examples: "examples/index",
};

const ROUTES = new Map([
  ...PAGES.map(({ file, route }) => [file, route] as const),
  ...Object.entries(ELSEWHERE),
]);

export const operationRoute = (name: string): string => `operations/${name}`;
export const sourceRoute = (path: string): string => `source/${path.replaceAll(".", "_")}`;

const NAMES = new Map(PAGES.map(({ file, name }) => [file, name]));

const wholePath = (path: string, file: string) =>
  posix.normalize(posix.join(posix.dirname(file), path)).replace(/\/$/, "");

/** The name of the page that a link leads to, where it is a page. */
export const nameOf = (target: string, file: string): string | undefined =>
  NAMES.get(wholePath(target.split("#")[0] ?? "", file));

const PICTURE = /\.(svg|png|jpg|webp)$/;

/** Collects what links lead to, and pages do not have yet. */
export interface Found {
  readonly sources: Set<string>;
  readonly pictures: Set<string>;
  /** Links to files that are not there. */
  readonly missing: string[];
}

export const nothingFound = (): Found => ({ sources: new Set(), pictures: new Set(), missing: [] });

const between = (from: string, to: string) => {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith(".") ? path : `./${path}`;
};

/** The target of a link in a file of the repository, as the page at `route` has it. */
export function targetOf(target: string, file: string, route: string, found: Found): string {
  if (/^(\w+:|#|\/)/.test(target)) return target; // elsewhere, here, or a page of the site's own
  const [path = "", anchor] = target.split("#");
  const whole = wholePath(path, file);
  const hash = anchor === undefined ? "" : `#${anchor}`;
  const known = ROUTES.get(whole);
  if (known !== undefined) return `${between(route, known)}.md${hash}`;
  if (!exists(whole)) {
    found.missing.push(`${file}: ${target}`);
    return target;
  }
  if (PICTURE.test(whole)) {
    found.pictures.add(whole);
    return between(route, `pictures/${whole}`);
  }
  found.sources.add(whole);
  return `${between(route, sourceRoute(whole))}${isFolder(whole) ? "/index" : ""}.md${hash}`;
}

/** Files in code become links to their pages, by their paths in the repository, src or shaders. */
export function linkFiles(text: string, route: string, found: Found): string {
  return text.replace(/(?<!\[)`([\w/]+\.(?:ts|wgsl))`/g, (code, path: string) => {
    const whole = [path, `src/${path}`, `shaders/${path}`].find(exists);
    return whole ? `[${code}](${targetOf(whole, "README.md", route, found)})` : code;
  });
}

/** Operations in code become links to their pages. */
export function linkOperations(cell: string, route: string): string {
  return cell.replace(/`(\w+)(\([^`]*\))?`/g, (code, name: string) => {
    const operation = name.replace(/Backward$/, "");
    const known = (OPERATION_NAMES as readonly string[]).includes(operation);
    return known && operationRoute(operation) !== route
      ? `[${code}](${between(route, operationRoute(operation))}.md)`
      : code;
  });
}
