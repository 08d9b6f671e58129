import { open } from "node:fs/promises";
import { join } from "node:path";
import type { Root } from "../../core/bytes.ts";
import { isAssayError } from "../../core/errors.ts";
import { makeFolder } from "../../core/node/makeFolder.ts";
import type { Hasher } from "../../merkle/hasher.ts";
import { diskError } from "../../store/node/atomicFile.ts";
import type { TextUpload } from "../../store/node/uploadAnswer.ts";
import type { GuestManifest } from "../manifest.ts";
import { encodeManifest, parseManifest } from "../manifestText.ts";

/**
 * Where a store has what is said of an environment: a manifest in each line, of which at most one is right. Which that is shows when the
 * id is derived from the images.
 */
export function indexPath(id: Root): string {
  return `environments/${id.slice(2)}.jsonl`;
}

/** Bytes of such a file at most: some manifests, of two or three kilobytes each. */
export const mostIndexBytes = 2 ** 16;

/** The id whose manifests are at a path; undefined if none are. */
export function environmentAt(path: string): Root | undefined {
  const digits = /^environments\/([0-9a-f]{64})\.jsonl$/.exec(path)?.[1];
  return digits === undefined ? undefined : `0x${digits}`;
}

/** A manifest in one line. */
export function manifestLine(manifest: GuestManifest): string {
  return JSON.stringify(JSON.parse(encodeManifest(manifest)));
}

/** The manifests in such a file that say they are of this environment; other lines are passed over. */
export function manifestsIn(text: string, id: Root, hasher: Hasher): GuestManifest[] {
  return text.split("\n").flatMap((line) => {
    if (line.trim() === "") return [];
    try {
      const manifest = parseManifest(line, hasher);
      return manifest.id === id ? [manifest] : [];
    } catch (error) {
      if (isAssayError(error)) return [];
      throw error;
    }
  });
}

/**
 * Adds a manifest to a store's folder, durably; one that is there already is not added again.
 * @returns why it is not added; undefined if it is there now. @throws AssayError `store/full-fault`, `store/io-fault`
 */
export async function addManifest(folder: string, manifest: GuestManifest): Promise<string | undefined> {
  const file = join(folder, indexPath(manifest.id));
  const line = manifestLine(manifest);
  try {
    makeFolder(join(folder, "environments"));
    const handle = await open(file, "a+", 0o644);
    try {
      const { size } = await handle.stat();
      if (size > mostIndexBytes) return "there is too much about this environment already";
      if ((await handle.readFile("utf8")).split("\n").includes(line)) return undefined;
      if (size + line.length + 2 > mostIndexBytes) return "there is too much about this environment already";
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

/** Takes manifests that others write to a store's folder. */
export function manifestUpload(folder: string, path: string, hasher: Hasher): TextUpload | undefined {
  const id = environmentAt(path);
  if (id === undefined) return undefined;
  return {
    maxBytes: mostIndexBytes,
    async keep(text) {
      const [manifest] = manifestsIn(text, id, hasher);
      if (manifest === undefined || text.trim().includes("\n")) return `this is no manifest of the environment ${id}`;
      return await addManifest(folder, manifest);
    },
  };
}
