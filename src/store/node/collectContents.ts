import { readdir, rm, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { ContentId } from "../contentId.ts";
import { diskError, temporarySuffix } from "./atomicFile.ts";

/** What is to be kept of a directory store. */
export interface CollectOptions {
  readonly folder: string;
  /** Contents that are needed, each with the reason. */
  readonly needed: ReadonlyMap<ContentId, string>;
  /** What has been put within so many seconds is never deleted: what needs it may not be known yet. */
  readonly recentSeconds: number;
  /** Nothing is deleted, only said. */
  readonly dryRun: boolean;
  /** Seconds since 1970. */
  readonly now: number;
}

/** A file of the store, and what becomes of it. */
export interface CollectedFile {
  /** Below the folder. */
  readonly path: string;
  /** Missing for what is no content: remains of killed processes, damaged files that have been put aside. */
  readonly id?: ContentId;
  readonly bytes: number;
  readonly isKept: boolean;
  readonly why: string;
}

/**
 * Deletes what nothing needs from a directory store. Other processes may write to it meanwhile: putting a content that is there makes
 * it recent again.
 * @returns every file, those that are kept too. @throws AssayError `store/io-fault`
 */
export async function collectContents({
  folder,
  needed,
  recentSeconds,
  dryRun,
  now,
}: CollectOptions): Promise<CollectedFile[]> {
  const collected: CollectedFile[] = [];
  for (const file of await filesOf(folder)) {
    const facts = await stat(file).catch(() => undefined);
    if (facts === undefined) continue;
    const path = relative(folder, file);
    const digits = /^[0-9a-f]{2}\/([0-9a-f]{64})$/.exec(path)?.[1];
    const id = digits === undefined ? undefined : (`sha256:${digits}` as const);
    const need = id && needed.get(id);
    const isRecent = now - facts.mtimeMs / 1000 < recentSeconds;
    const isKept = need !== undefined || isRecent;
    const lost = id === undefined ? "left behind, or damaged" : "nothing needs it";
    collected.push({
      path,
      ...(id !== undefined && { id }),
      bytes: facts.size,
      isKept,
      why: need ?? (isRecent ? "put not long ago" : lost),
    });
    if (isKept || dryRun) continue;
    try {
      await rm(file, { force: true });
    } catch (cause) {
      throw diskError(cause, "delete", file);
    }
  }
  return collected;
}

/** Contents, damaged contents, and what uploads have left behind; nothing else in the folder is looked at. */
async function filesOf(folder: string): Promise<string[]> {
  const names = async (below: string): Promise<string[]> => {
    try {
      return await readdir(below);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw diskError(cause, "look into", below);
    }
  };
  const files: string[] = [];
  for (const shelf of (await names(folder)).filter((name) => /^[0-9a-f]{2}$/.test(name)).sort()) {
    const own = await names(join(folder, shelf));
    const ours = own.filter((name) => new RegExp(`^${shelf}[0-9a-f]{62}(\\.|$)`).test(name));
    files.push(...ours.filter(isOurs).map((name) => join(folder, shelf, name)));
  }
  return files;
}

function isOurs(name: string): boolean {
  return name.length === 64 || name.endsWith(".corrupt") || name.endsWith(temporarySuffix);
}
