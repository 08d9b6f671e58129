import { open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { isAssayError } from "../../core/errors.ts";
import { type ContentId, contentIdOf } from "../contentId.ts";
import { checkContent, checkSize, missing, type Store } from "../store.ts";
import { diskError, temporarySuffix, writeFileAtomically } from "./atomicFile.ts";

/** How a directory store reports that it put a damaged file aside. */
export interface DirectoryStoreOptions {
  readonly onCorrupt?: (id: ContentId, file: string) => void;
}

/**
 * A store in a directory: `<folder>/<first two digits>/<sha256>`. Several processes may share it. A file that does not hash
 * to its name is renamed to `<sha256>.corrupt`, so that the next `put` of the right bytes heals the store.
 */
export function directoryStore(folder: string, options: DirectoryStoreOptions = {}): Store {
  const fileOf = (id: ContentId) => contentFile(folder, id);

  async function read(id: ContentId, maxBytes: number): Promise<Uint8Array> {
    const file = fileOf(id);
    try {
      const handle = await open(file, "r");
      try {
        checkSize(id, (await handle.stat()).size, maxBytes);
        return new Uint8Array(await handle.readFile());
      } finally {
        await handle.close();
      }
    } catch (cause) {
      if (isAssayError(cause)) throw cause;
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") throw missing(id, folder);
      throw diskError(cause, "read", file);
    }
  }

  const store: Store = {
    async put(bytes) {
      const id = contentIdOf(bytes);
      const kept = await store.get(id, Math.max(bytes.length, 1)).catch((error: unknown) => {
        if (isAssayError(error, "store/missing", "store/corrupt", "store/too-large")) return undefined;
        throw error;
      });
      if (kept === undefined) await writeFileAtomically(fileOf(id), bytes);
      else await touch(fileOf(id));
      return id;
    },
    async get(id, maxBytes) {
      const bytes = await read(id, maxBytes);
      try {
        checkContent(id, bytes, folder);
      } catch (error) {
        const file = fileOf(id);
        await rename(file, `${file}.corrupt`).catch(() => {});
        options.onCorrupt?.(id, file);
        throw error;
      }
      return bytes;
    },
    async has(id) {
      try {
        return (await stat(fileOf(id))).isFile();
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code === "ENOENT") return false;
        throw diskError(cause, "look at", fileOf(id));
      }
    },
  };
  return store;
}

/** Makes a content recent again, so that garbage collection leaves it to who has just put it. */
export async function touch(file: string): Promise<void> {
  const now = new Date();
  // Where the folder is another user's, that user decides what is collected.
  await utimes(file, now, now).catch(() => {});
}

/** Where a directory store keeps content. */
export function contentFile(folder: string, id: ContentId): string {
  const digits = id.slice("sha256:".length);
  return join(folder, digits.slice(0, 2), digits);
}

/** Removes what killed processes left half-written. To be called only by the one process that writes to the folder. */
export async function sweepTemporaryFiles(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => [] as string[]);
  const stale = names.filter((name) => name.endsWith(temporarySuffix));
  for (const name of stale) await rm(join(folder, name), { force: true });
  return stale.length;
}
