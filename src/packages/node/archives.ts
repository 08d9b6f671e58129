import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { malformedLock } from "../errors.ts";
import { type ArchiveDigest, mostLockedPackages } from "../lockedPackage.ts";

/** What an archive on this machine hashes to, in hexadecimal. */
export interface ArchiveHashes {
  readonly sha256: string;
  readonly sha512: string;
}

/** @throws the error of Node, also where it is not a regular file. */
export async function hashArchive(file: string): Promise<ArchiveHashes> {
  // A pipe in the place of a file would be waited for.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  const [sha256, sha512] = [createHash("sha256"), createHash("sha512")];
  try {
    if (!(await handle.stat()).isFile()) throw malformedLock(file, "it is not a regular file");
    await pipeline(handle.createReadStream({ autoClose: false }), async (chunks) => {
      for await (const chunk of chunks) {
        sha256.update(chunk as Buffer);
        sha512.update(chunk as Buffer);
      }
    });
  } finally {
    await handle.close();
  }
  return { sha256: sha256.digest("hex"), sha512: sha512.digest("hex") };
}

/** Archives of packages at hand: by what a lock says of one, its sha256 is found, if the bytes are there. */
export class Archives {
  private readonly bySha512 = new Map<string, string>();

  private constructor(private readonly caches: readonly string[]) {}

  /**
   * @param folders npm's caches (they hold `_cacache`), and folders of archives; one that is not there is passed over.
   * @throws AssayError `packages/bad-lock` for a folder of more files than a lock has packages.
   */
  static async in(folders: readonly string[]): Promise<Archives> {
    const lists = await Promise.all(folders.map(async (folder) => [folder, await entriesOf(folder)] as const));
    const caches = lists.filter(([, entries]) => entries.some(({ name }) => name === "_cacache"));
    const archives = new Archives(caches.map(([folder]) => join(folder, "_cacache", "content-v2", "sha512")));
    for (const [folder, entries] of lists) {
      if (caches.some(([cache]) => cache === folder)) continue;
      if (entries.length > mostLockedPackages)
        throw malformedLock(folder, `it has more than ${mostLockedPackages} files`);
      for (const entry of entries) {
        if (!entry.isFile()) continue;
        const { sha256, sha512 } = await hashArchive(join(folder, entry.name));
        archives.bySha512.set(sha512, sha256);
      }
    }
    return archives;
  }

  /** The sha256 of the archive that has this digest; undefined if its bytes are not here. */
  async sha256Of({ algorithm, digest }: ArchiveDigest): Promise<string | undefined> {
    if (algorithm === "sha256") return digest;
    const known = this.bySha512.get(digest);
    if (known !== undefined) return known;
    for (const cache of this.caches) {
      const file = join(cache, digest.slice(0, 2), digest.slice(2, 4), digest.slice(4));
      const found = await hashArchive(file).catch(() => undefined);
      // What is in a cache under a digest may be something else by now.
      if (found?.sha512 === digest) return found.sha256;
    }
    return undefined;
  }
}

async function entriesOf(folder: string) {
  return await readdir(folder, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return [];
    throw malformedLock(folder, "the folder cannot be read", cause);
  });
}
