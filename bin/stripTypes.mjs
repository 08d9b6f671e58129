// Loaded by `assay` from a checkout in a folder with a question mark in its name: tsx takes what follows it for a query, and the
// sources for JavaScript.
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";

const sources = new URL("../src/", import.meta.url).href;

registerHooks({
  load(url, context, next) {
    if (!url.startsWith(sources) || !url.endsWith(".ts")) return next(url, context);
    const { code } = transformSync(readFileSync(fileURLToPath(url), "utf8"), { loader: "ts", format: "esm" });
    return { format: "module", source: code, shortCircuit: true };
  },
});
