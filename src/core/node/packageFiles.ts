import { readFileSync } from "node:fs";

/** Where the package's own files are. Nothing else looks for them: sources and compiled files lie equally deep below the root. */
const root = new URL("../../../", import.meta.url);

export const packageFiles = {
  root,
  /** WebAssembly binaries, `<name>.wasm`. */
  wasm: new URL("build/wasm/", root),
  /** What was computed from them: `<name of the program>.json`. */
  environments: new URL("build/environments/", root),
  /** The first process of guests. */
  guest: new URL("build/guest/", root),
  /** Locks of the environments that come with Assay, `<name>.json`, and of their kernel. */
  locks: new URL("environments/", root),
  /** The explorer's page, as `npm run build:page` makes it. */
  page: new URL("build/explorer/", root),
  /** Parameter sets of deployments, `<name>.json`. */
  parameters: new URL("deploy/parameters/", root),
  /** The program that is `assay` on a command line. */
  command: new URL("bin/assay", root),
  /** Programs that only a checkout of the project has. */
  scripts: new URL("scripts/", root),
} as const;

/** The version of the package, as its package.json has it. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as { readonly version: string }).version;
}
