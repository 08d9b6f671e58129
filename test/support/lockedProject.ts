import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { contentOf, fetchLocated } from "../../src/dependencies/contents.ts";
import { wantedBy } from "../../src/dependencies/ecosystems.ts";
import type { DependencyEntry, LayerEntry } from "../../src/dependencies/entry.ts";
import { layerOf } from "../../src/dependencies/layer.ts";
import { decompressWithProgram } from "../../src/dependencies/node/decompress.ts";
import { locate, type Registries } from "../../src/dependencies/registries.ts";
import { memoryStore } from "../../src/store/store.ts";
import { layerVariables, writeLayer } from "./layerOnDisk.ts";

/** What locks pin, fetched from registries into memory, and the layer that comes of it. */
export async function lockedLayer(
  locks: Readonly<Record<string, string>>,
  registries: Registries,
): Promise<{ readonly entries: readonly DependencyEntry[]; readonly layer: readonly LayerEntry[] }> {
  const files = new Map(Object.entries(locks).map(([path, text]) => [path, new TextEncoder().encode(text)]));
  const places = { store: memoryStore(), registries, decompress: decompressWithProgram };
  const wanted = wantedBy(files);
  const located = (await Promise.all(wanted.map((each) => locate(each, places)))).flat();
  const entries = await Promise.all(located.map((each) => fetchLocated(each, places)));
  const layer = await layerOf(entries, wanted, (entry) => contentOf(entry, places));
  return { entries, layer };
}

/** Writes a layer to a temporary folder and runs commands with its variables; nothing of the host's package managers is seen. */
export async function layerInUse(layer: readonly LayerEntry[]) {
  const root = await mkdtemp(join(tmpdir(), "assay-layer-"));
  await writeLayer(root, layer);
  const variables = await layerVariables(root);
  return {
    root,
    async run(command: string, args: readonly string[], folder: string, more: Readonly<Record<string, string>> = {}) {
      const env = { PATH: process.env.PATH, HOME: join(root, "home"), ...variables, ...more };
      const { stdout } = await promisify(execFile)(command, args, { cwd: folder, env });
      return stdout;
    },
    async [Symbol.asyncDispose]() {
      await rm(root, { recursive: true, force: true });
    },
  };
}
