import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Root } from "../../core/bytes.ts";
import { isAssayError } from "../../core/errors.ts";
import { makeFolder } from "../../core/node/makeFolder.ts";
import type { Hasher } from "../../merkle/hasher.ts";
import { diskError } from "../../store/node/atomicFile.ts";
import type { TextUpload } from "../../store/node/uploadAnswer.ts";
import type { GuestManifest } from "../manifest.ts";
import { encodeManifest, parseManifest } from "../manifestText.ts";

/** By what an environment is looked for: its id, or a name, which anybody can give to any environment. */
export type EnvironmentKey = Root | { readonly name: string };

/**
 * Where a store has what is said of an environment: a manifest in each line. Of those under one id at most one is right, which shows when
 * the id is derived from the images.
 */
export function indexPath(key: EnvironmentKey): string {
  return typeof key === "string" ? `environments/${key.slice(2)}.jsonl` : `environments/names/${key.name}.jsonl`;
}

/** Bytes of such a file at most: some manifests, of two or three kilobytes each. */
export const mostIndexBytes = 2 ** 16;

/** What the manifests at a path are of; undefined if none are there. */
export function environmentAt(path: string): EnvironmentKey | undefined {
  const digits = /^environments\/([0-9a-f]{64})\.jsonl$/.exec(path)?.[1];
  if (digits !== undefined) return `0x${digits}`;
  const name = /^environments\/names\/([a-z0-9][a-z0-9._-]{0,63})\.jsonl$/.exec(path)?.[1];
  return name === undefined ? undefined : { name };
}

/** A manifest in one line. */
export function manifestLine(manifest: GuestManifest): string {
  return JSON.stringify(JSON.parse(encodeManifest(manifest)));
}

/** The manifests in such a file that say they are of this environment; other lines are passed over. */
export function manifestsIn(text: string, key: EnvironmentKey, hasher: Hasher): GuestManifest[] {
  return text.split("\n").flatMap((line) => {
    if (line.trim() === "") return [];
    try {
      const manifest = parseManifest(line, hasher);
      const isOf = typeof key === "string" ? manifest.id === key : manifest.name === key.name;
      return isOf ? [manifest] : [];
    } catch (error) {
      if (isAssayError(error)) return [];
      throw error;
    }
  });
}

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
