import { AssayError, isAssayError } from "../core/errors.ts";
import type { ContentId } from "./contentId.ts";
import type { ContentSource, Store } from "./store.ts";

/**
 * One store over several: what is put is kept in all that are written to; what is read comes from the first that has it whole, and is
 * then kept in those that had not.
 * @param written at least one, to put anything. @param read further places, in the order of preference.
 * @param onUnkept called when content that was read could not be kept: it is returned all the same.
 */
export function layeredStore(
  written: readonly Store[],
  read: readonly ContentSource[],
  onUnkept: (id: ContentId, error: unknown) => void = () => {},
): Store {
  return {
    async put(bytes) {
      if (written.length === 0) {
        throw new AssayError("store/read-only", "none of the stores is one that is written to");
      }
      const ids = await Promise.all(written.map(async (store) => await store.put(bytes)));
      return ids[0]!;
    },
    async get(id, maxBytes) {
      let absent: unknown;
      const without: Store[] = [];
      for (const place of [...written, ...read]) {
        try {
          const bytes = await place.get(id, maxBytes);
          for (const store of without) await store.put(bytes).catch((error: unknown) => onUnkept(id, error));
          return bytes;
        } catch (error) {
          if (!isAssayError(error, "store/missing", "store/corrupt", "store/unreachable-fault")) throw error;
          // A place that cannot be reached may have it: it is worth another try.
          if (!isAssayError(absent, "store/unreachable-fault")) absent = error;
          if ((written as readonly ContentSource[]).includes(place)) without.push(place as Store);
        }
      }
      throw absent;
    },
    async has(id) {
      for (const place of [...written, ...read]) if (await place.has(id)) return true;
      return false;
    },
  };
}
