/**
 * What runs in browsers, bundled for one and evaluated in a context that has the language, WebAssembly and a few things that
 * every browser has, and nothing of Node.
 */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { type BuildOptions, build } from "esbuild";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Folders of `src` that browsers run without their `node/` and `*Node.ts`, and that need no compiled contracts. */
export const browserFolders = [
  "core",
  "emulator",
  "environment",
  "guest",
  "machine",
  "merkle",
  "programs",
  "protocol",
  "source",
  "store",
  "trace",
  "wasm",
] as const;

/** All folders that browsers run. */
export const foldersWithContracts = [...browserFolders, "chain", "client"] as const;

/** Names that Node has and browsers do not. */
const nodeNames = ["process", "Buffer", "require", "module", "global", "setImmediate", "__dirname", "__filename"];

/** Every module of these folders that browsers run, by its path below `src`. */
function browserModules(folders: readonly string[]): string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(`${root}/src/${folder}`, { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`),
    )
    .filter((file) => file.endsWith(".ts") && !/\/(node|assembly)\/|Node\.ts$/.test(file))
    .sort();
}

async function bundle(files: readonly string[], options: BuildOptions): Promise<string> {
  const lines = files.map((file, i) => `import * as module${i} from "./src/${file}";`);
  const entries = files.map((file, i) => `${JSON.stringify(file)}: module${i}`);
  const { outputFiles } = await build({
    stdin: { contents: `${lines.join("\n")}\nglobalThis.modules = { ${entries.join(", ")} };`, resolveDir: root },
    bundle: true,
    platform: "browser",
    target: "es2024",
    write: false,
    logLevel: "silent",
    ...options,
  });
  return outputFiles![0]!.text;
}

/**
 * All modules and the libraries they use as one script that leaves the modules in the global `modules`, by path. Fails with
 * file, line and name of each import that browsers do not have.
 */
export function bundleForBrowser(folders: readonly string[] = browserFolders): Promise<string> {
  return bundleFiles(browserModules(folders));
}

/** The same of single files, by their paths below `src`. */
export function bundleFiles(files: readonly string[]): Promise<string> {
  return bundle(files, { format: "iife" });
}

/** The names that only Node has and the modules, their libraries apart, use without declaring them. */
export async function namesOfNode(folders: readonly string[] = browserFolders): Promise<string[]> {
  const define = Object.fromEntries(nodeNames.map((name) => [name, `only_in_node_${name}`]));
  const text = await bundle(browserModules(folders), { format: "esm", packages: "external", define });
  return [...new Set(text.match(/(?<=only_in_node_)\w+/g))];
}

/** Evaluates the bundle. @returns its modules by path. */
export function evaluateInBrowser(script: string): unknown {
  const context = createContext({
    TextEncoder,
    TextDecoder,
    URL,
    AbortController,
    AbortSignal,
    fetch,
    setTimeout,
    clearTimeout,
    performance: { now: () => performance.now() },
    crypto: { getRandomValues: (bytes: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(bytes) },
  });
  return runInContext(`var self = globalThis; ${script}; modules`, context);
}
