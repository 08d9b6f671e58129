import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeFolder } from "../../core/node/makeFolder.ts";
import type { Hasher } from "../../merkle/hasher.ts";
import { diskError } from "../../store/node/atomicFile.ts";
import type { TextUpload } from "../../store/node/uploadAnswer.ts";
import {
  type EnvironmentKey,
  environmentAt,
  indexPath,
  manifestLine,
  manifestsIn,
  mostIndexBytes,
} from "../environmentIndex.ts";
import type { GuestManifest } from "../manifest.ts";

/**
 * Adds a manifest to a store's folder, under its id and its name, durably; one that is there already is not added again.
 * @returns why it is not added; undefined if it is there now. @throws AssayError `store/full-fault`, `store/io-fault`
 */
export async function addManifest(folder: string, manifest: GuestManifest): Promise<string | undefined> {
  const { id, name } = manifest;
  return (await addAt(folder, id, manifest)) ?? (await addAt(folder, { name }, manifest));
}

async function addAt(folder: string, key: EnvironmentKey, manifest: GuestManifest): Promise<string | undefined> {
  const file = join(folder, indexPath(key));
  const line = manifestLine(manifest);
  try {
    makeFolder(dirname(file));
    const handle = await open(file, "a+", 0o644);
    try {
      const { size } = await handle.stat();
      if (size > mostIndexBytes) return tooMuch;
      if ((await handle.readFile("utf8")).split("\n").includes(line)) return undefined;
      if (size + line.length + 2 > mostIndexBytes) return tooMuch;
      await handle.write(`\n${line}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw diskError(cause, "write", file);
  }
  return undefined;
}

const tooMuch = "there is too much about this environment already";

/** Takes manifests that others write to a store's folder. */
export function manifestUpload(folder: string, path: string, hasher: Hasher): TextUpload | undefined {
  const key = environmentAt(path);
  if (key === undefined) return undefined;
  return {
    maxBytes: mostIndexBytes,
    async keep(text) {
      const [manifest] = manifestsIn(text, key, hasher);
      if (manifest === undefined || text.trim().includes("\n")) return "this is not a manifest of that environment";
      return await addAt(folder, key, manifest);
    },
  };
}
