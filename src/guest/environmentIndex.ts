/** What stores say of environments: manifests, under an environment's id and under its name. */
import type { Root } from "../core/bytes.ts";
import { isAssayError } from "../core/errors.ts";
import type { Hasher } from "../merkle/hasher.ts";
import type { GuestManifest } from "./manifest.ts";
import { encodeManifest, parseManifest } from "./manifestText.ts";

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
