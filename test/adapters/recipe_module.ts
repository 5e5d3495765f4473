// A recipe is the code of docs/, as a function: `import recipe from "./recipe.js?of=TensorFlow.js&given=x"`
// runs what stands under this heading, with these names from outside, and returns all that it declares.

import { type Plugin, parseAst } from "vite";
import { codeOf } from "../support/doc_code.ts";

/** Where the tests have what a user imports from packages. */
const PACKAGES: Readonly<Record<string, string>> = {
  "webgpu-norm": "../../src/index",
  "webgpu-norm/ort": "../../src/ort/index",
  "webgpu-norm/tfjs": "../../src/tfjs/index",
  "@tensorflow/tfjs": "./tfjs",
};

type Nodes = ReturnType<typeof parseAst>["body"];

/** The names of declarations outside of functions. */
function declared(nodes: Nodes): string[] {
  const declarations = nodes.flatMap((node) =>
    node.type === "VariableDeclaration" ? node.declarations : [],
  );
  return declarations.flatMap(({ id }) => {
    if (id.type === "Identifier") return [id.name];
    if (id.type !== "ObjectPattern") throw new Error(`${id.type} in a recipe, expected names`);
    return id.properties.map((property) => {
      if (property.type === "Property" && property.value.type === "Identifier") {
        return property.value.name;
      }
      throw new Error("a pattern in a recipe, expected names");
    });
  });
}

function moduleOf(code: string, given: string): string {
  const { body } = parseAst(code);
  const text = ({ start, end }: { start: number; end: number }) => code.slice(start, end);
  const imports = body
    .filter((node) => node.type === "ImportDeclaration")
    .map((node) => {
      const { value } = node.source;
      return text(node).replace(JSON.stringify(value), JSON.stringify(PACKAGES[value] ?? value));
    });
  const rest = body.filter((node) => node.type !== "ImportDeclaration");
  return `${imports.join("\n")}
export default async function recipe({ ${given} }) {
${rest.map(text).join("\n")}
return { ${declared(body).join(", ")} };
}`;
}

export const recipes = (): Plugin => ({
  name: "recipes",
  enforce: "pre",
  transform(_, id) {
    const [path = "", search] = id.split("?");
    if (!path.endsWith("/adapters/recipe.js") || !search) return null;
    const query = new URLSearchParams(search);
    const {
      page = "docs/interop.md",
      of = "",
      kind = "js",
      given = "",
    } = Object.fromEntries(query);
    const blocks = codeOf(page, of).filter((block) => block.kind === kind);
    if (blocks.length === 0) throw new Error(`${page} has no ${kind} under ${of}`);
    return { code: moduleOf(blocks.map(({ code }) => code).join("\n"), given), map: null };
  },
});
