import { readFileSync } from "node:fs";

/** One module of the library: a subpath of the package, and the file of `src/api` that stands behind it. */
export interface ApiModule {
  /** As it is imported: `assay`, `assay/machine`. */
  readonly specifier: string;
  readonly file: string;
  /** What the file says of itself. */
  readonly about: string;
  readonly names: readonly ApiName[];
}

export interface ApiName {
  readonly name: string;
  /** Whether it is a type only, and nothing at run time. */
  readonly isType: boolean;
  /** File that it comes from, relative to `src/api`. */
  readonly from: string;
}

/** Subpaths in the order in which they are documented; the package's `exports` have the same. */
const subpaths = [
  "index",
  "client",
  "build",
  "source",
  "guest",
  "store",
  "chain",
  "contracts",
  "protocol",
  "machine",
] as const;

/** Reads the library's modules. Each file of `src/api` is a comment and `export { … } from "…"`, nothing else. */
export function readApi(): readonly ApiModule[] {
  return subpaths.map((subpath) => {
    const file = `src/api/${subpath}.ts`;
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
    const about = textOf(/^\/\*\*.*?\*\//s.exec(text)![0]);
    const clauses = [...text.matchAll(/^export (type )?\{([^}]*)\} from "([^"]+)";$/gm)];
    const names = clauses.flatMap(([, allTypes, list, from]) =>
      list!
        .split(",")
        .map((each) => each.trim())
        .filter((each) => each !== "")
        .map((each) => ({
          name: each.replace(/^type /, ""),
          isType: allTypes !== undefined || each.startsWith("type "),
          from: from!,
        })),
    );
    const specifier = subpath === "index" ? "assay" : `assay/${subpath}`;
    return { specifier, file, about, names: names.sort((a, b) => (a.name < b.name ? -1 : 1)) };
  });
}

/** The text of a documentation comment. */
export function textOf(comment: string): string {
  return comment
    .replace(/^\/\*\*|\*\/$/g, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trim())
    .join("\n")
    .trim();
}
