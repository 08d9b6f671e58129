/** `npm run build:page`: bundles the explorer's page into `build/explorer`. */
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "vite";

const explorer = fileURLToPath(new URL("../src/explorer/page/", import.meta.url));

/**
 * @param outDir folder that is emptied first.
 * @param root of another page than the explorer's.
 */
export async function buildPage(outDir: string, root = explorer): Promise<void> {
  await build({
    root,
    base: "./",
    configFile: false,
    logLevel: "warn",
    oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
    worker: { format: "es" },
    // What streams of tar archives are made of names Node's module of events; this is the same without Node.
    resolve: { alias: { "events-universal": "bare-events" } },
    build: {
      outDir,
      emptyOutDir: true,
      target: "es2023",
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
    },
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  await buildPage(fileURLToPath(new URL("../build/explorer/", import.meta.url)));
