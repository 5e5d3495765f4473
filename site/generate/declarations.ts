// Reads the docstrings and the options of exported operations from the source, by the compiler.

import { createRequire } from "node:module";
import type ts from "@typescript/typescript6";
import { inRepository } from "./repository";

const compiler = createRequire(import.meta.url)("@typescript/typescript6") as typeof ts;

export interface Declaration {
  /** The docstring, as Markdown. */
  readonly docs: string;
  /** The file of the repository. */
  readonly file: string;
  readonly options: readonly DeclaredOption[];
}

export interface DeclaredOption {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  readonly docs: string;
  /** All norms have it. */
  readonly common: boolean;
}

/** Operations whose options have another name than their own. */
const OPTION_TYPES: Readonly<Record<string, string>> = {
  logSoftmax: "SoftmaxOptions",
  std: "VarianceOptions",
  maskOf: "MaskOptions",
  lengthsOf: "LengthsOptions",
};

const COMMON = "src/norms/shared/options.ts";

export type Declarations = ReturnType<typeof declarations>;

/** The declarations of what src/index.ts exports, by name. */
export function declarations() {
  const { config } = compiler.readConfigFile(inRepository("tsconfig.json"), compiler.sys.readFile);
  const { options } = compiler.parseJsonConfigFileContent(config, compiler.sys, inRepository("."));
  const entry = inRepository("src/index.ts");
  const program = compiler.createProgram([entry, inRepository("src/wgsl.d.ts")], options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error("src/index.ts has no exports");
  const exported = new Map(
    checker.getExportsOfModule(module).map((symbol) => {
      const alias = symbol.flags & compiler.SymbolFlags.Alias;
      return [symbol.name, alias ? checker.getAliasedSymbol(symbol) : symbol] as const;
    }),
  );
  const root = inRepository(".").replaceAll("\\", "/");
  const pathOf = (node: ts.Node) =>
    node.getSourceFile().fileName.replace(root, "").replace(/^\//, "");

  function optionOf(property: ts.Symbol): DeclaredOption[] {
    const declaration = property.declarations?.find(compiler.isPropertySignature);
    // a name that another member of a union rules out is no option
    if (!declaration?.type || declaration.type.getText() === "undefined") return [];
    const type = declaration.type
      .getText()
      .replace(/ \| undefined$/, "")
      .replace(/\s+/g, " ");
    return [
      {
        name: property.name,
        type,
        optional: declaration.questionToken !== undefined,
        docs: docsOf(property),
        common: pathOf(declaration) === COMMON,
      },
    ];
  }

  function optionsOf(name: string): DeclaredOption[] {
    const type = OPTION_TYPES[name] ?? `${name[0]?.toUpperCase()}${name.slice(1)}Options`;
    const symbol = exported.get(type);
    if (!symbol) return [];
    const declared = checker.getDeclaredTypeOfSymbol(symbol);
    const members = declared.isUnion() ? declared.types : [declared];
    const all = members.flatMap((member) => checker.getPropertiesOfType(member).flatMap(optionOf));
    return [...new Map(all.map((option) => [option.name, option])).values()];
  }

  const docsOf = (symbol: ts.Symbol) =>
    compiler.displayPartsToString(symbol.getDocumentationComment(checker)).trim();

  return {
    /** All exports that are values. */
    values: [...exported]
      .filter(([, { flags }]) => flags & compiler.SymbolFlags.Value)
      .map(([name]) => name),
    of(name: string): Declaration {
      const symbol = exported.get(name);
      const declaration = symbol?.declarations?.[0];
      if (!symbol || !declaration) throw new Error(`src/index.ts does not export ${name}`);
      return { docs: docsOf(symbol), file: pathOf(declaration), options: optionsOf(name) };
    },
  };
}

/** The parts of a docstring: what it says, and where the definition is from. */
export function partsOf(docs: string): { readonly text: string; readonly source: string } {
  const [, source = ""] = /Source:\s([\s\S]*?)(?:\. Throws|\.?$)/.exec(docs) ?? [];
  const text = docs
    .replace(/\s*Source:\s[\s\S]*?(\. (?=Throws)|\.?$)/, "\n")
    .replace(/(?<!\n)\n(?!\n)/g, " ") // lines of a paragraph
    .replace(/ {2,}/g, " ")
    .trim();
  return { text, source: source.replace(/\s+/g, " ").trim() };
}
