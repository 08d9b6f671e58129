/** `npm run build:page`: bundles the explorer's page into `build/explorer`. */
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("../src/explorer/page/", import.meta.url));
const outDir = fileURLToPath(new URL("../build/explorer/", import.meta.url));

await build({
  root,
  base: "./",
  configFile: false,
  logLevel: "warn",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es" },
  build: {
    outDir,
    emptyOutDir: true,
    target: "es2023",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
});
