import { createHash } from "node:crypto";
import { AssayError } from "../../core/errors.ts";
import { badObject } from "../gitObjects.ts";
import type { DeferredContent } from "../source.ts";
import type { GitObjects } from "./gitObjectReader.ts";
import { endGit, type GitSettings, runGit, startGit, untilEnd } from "./gitProcess.ts";

/** Larger ones are read in parts, by a git of their own. */
const mostAtOnce = 2 ** 23;

/** A file or link of a commit. */
export interface Blob {
  readonly path: string;
  readonly kind: "file" | "executable" | "symlink";
  readonly id: string;
  /** In bytes; 0 until the repository has been asked. */
  readonly size: number;
}

/**
 * Blobs with their sizes as the repository says them; reading the content checks it.
 * @throws AssayError `source/bad-object` where one is missing, or something else
 */
export async function withSizes(gitDirectory: string, blobs: readonly Blob[], settings: GitSettings): Promise<Blob[]> {
  if (blobs.length === 0) return [];
  const input = new TextEncoder().encode(blobs.map(({ id }) => `${id}\n`).join(""));
  const args = [`--git-dir=${gitDirectory}`, "cat-file", "--batch-check"];
  const lines = (await runGit(args, "none", settings, { input, most: 128 * blobs.length })).split("\n");
  return blobs.map((blob, i) => {
    const { path, id } = blob;
    const [given, type, size] = (lines[i] ?? "").split(" ");
    if (given !== id || type === "missing") {
      throw badObject(id, "is missing from the repository: it may be a partial or damaged clone");
    }
    if (type !== "blob")
      throw new AssayError("source/bad-object", `${JSON.stringify(path)} is a ${type}`, { path, id });
    if (!/^[0-9]{1,15}$/.test(size ?? "")) throw badObject(id, "has no size");
    return { ...blob, size: Number(size) };
  });
}

/** A blob that is read when it is needed, and checked against its id then. */
export function deferredBlob(
  gitDirectory: string,
  objects: GitObjects,
  id: string,
  size: number,
  settings: GitSettings,
): DeferredContent {
  const whole = async function* () {
    yield (await objects.read(id)).content;
  };
  return { size, read: size <= mostAtOnce ? whole : () => streamBlob(gitDirectory, id, size, settings) };
}

async function* streamBlob(gitDirectory: string, id: string, size: number, settings: GitSettings) {
  const child = startGit([`--git-dir=${gitDirectory}`, "cat-file", "blob", id], "none", settings);
  child.stdin.on("error", () => {});
  child.stdin.end();
  const ended = untilEnd(child, settings);
  ended.catch(() => {});
  const hash = createHash(id.length === 40 ? "sha1" : "sha256").update(`blob ${size}\0`);
  let given = 0;
  try {
    for await (const part of child.stdout) {
      given += (part as Buffer).length;
      if (given > size) break;
      hash.update(part as Buffer);
      yield part as Uint8Array;
    }
    if (given <= size) await ended;
    if (given !== size || hash.digest("hex") !== id)
      throw badObject(id, "does not hash to its id: the repository is damaged");
  } finally {
    endGit(child);
  }
}
