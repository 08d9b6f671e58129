import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { composeApiDocument } from "../../scripts/api/document.ts";
import { readApi } from "../../scripts/api/names.ts";
import { bundleFiles, evaluateInBrowser } from "../support/determinism/browserContext.ts";

const modules = readApi();
const nodeOnly = new Set(["assay/build"]);
const { exports } = JSON.parse(await readFile("package.json", "utf8"));

/** Those of its names that are there at run time. */
const valuesOf = ({ names }: (typeof modules)[number]) => names.filter(({ isType }) => !isType).map(({ name }) => name);

describe("the library", () => {
  it("has the names that are pinned; adding one is a promise, removing one breaks programs", async () => {
    const lines = modules.flatMap(({ specifier, names }) =>
      names.map(({ name, isType }) => `${specifier} ${isType ? "type " : ""}${name}`),
    );
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot("../snapshots/publicNames.txt");
  });

  it("has a subpath of the package for each module, with its types", () => {
    for (const { specifier, file } of modules) {
      const compiled = file.replace("src/", "./dist/").replace(/\.ts$/, "");
      const subpath = specifier.replace("assay", ".");
      expect(exports[subpath]).toEqual({ types: `${compiled}.d.ts`, default: `${compiled}.js` });
    }
    const others = Object.keys(exports).filter(
      (key) => !modules.some(({ specifier }) => specifier === `assay${key.slice(1)}`),
    );
    expect(others.every((key) => key.includes("*.") || key === "./package.json")).toBe(true);
  });

  it.each(modules.map((module) => [module.specifier, module] as const))(
    "%s has these names at run time",
    async (_, module) => {
      const here = await import(/* @vite-ignore */ new URL(`../../${module.file}`, import.meta.url).href);
      expect(Object.keys(here).sort()).toEqual(valuesOf(module).sort());
    },
  );

  it("is documented as it is", async () => {
    expect(await readFile("docs/api.md", "utf8"), "npm run docs:api writes it again").toBe(composeApiDocument());
  });
});

describe("in a browser, the library", () => {
  it("needs nothing that only Node has, and has the same names", async () => {
    const there = modules.filter(({ specifier }) => !nodeOnly.has(specifier));
    const files = there.map(({ file }) => file.replace("src/", ""));
    const loaded = evaluateInBrowser(await bundleFiles(files)) as Record<string, object>;
    for (const [i, module] of there.entries()) {
      expect(Object.keys(loaded[files[i]!]!).sort()).toEqual(valuesOf(module).sort());
    }
  });

  it("has one module that needs Node", async () => {
    await expect(bundleFiles(["api/build.ts"])).rejects.toThrow("node:");
  });
});
