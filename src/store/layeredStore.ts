import { AssayError, isAssayError } from "../core/errors.ts";
import type { ContentId } from "./contentId.ts";
import { unknownSender } from "./draft.ts";
import type { ContentSource, Store } from "./store.ts";

/**
 * One store over several: what is put is kept in all that are written to, in one at least; what is read comes from the first that has
 * it whole, and is then kept in those that had not.
 * @param written at least one, to put anything. @param read further places, in the order of preference.
 * @param onUnkept called when content could not be kept in one of those that are written to.
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
      const puts = await Promise.allSettled(written.map(async (store) => await store.put(bytes)));
      const id = puts.find((put) => put.status === "fulfilled")?.value;
      const failures = puts.filter((put) => put.status === "rejected");
      if (id === undefined) throw failures[0]!.reason;
      for (const { reason } of failures) onUnkept(id, reason);
      return id;
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
      throw absent ?? noPlace(id);
    },
    async bring(id, maxBytes, draft, onSize) {
      let absent: unknown;
      for (const place of [...written, ...read]) {
        try {
          if (place.bring !== undefined) return await place.bring(id, maxBytes, draft, onSize);
          const bytes = await place.get(id, maxBytes);
          draft.cut(0);
          await draft.take(unknownSender, 0, bytes);
          return;
        } catch (error) {
          if (!isAssayError(error, "store/missing", "store/corrupt", "store/unreachable-fault")) throw error;
          if (!isAssayError(absent, "store/unreachable-fault")) absent = error;
        }
      }
      throw absent ?? noPlace(id);
    },
    async has(id) {
      for (const place of [...written, ...read]) if (await place.has(id)) return true;
      return false;
    },
  };
}

function noPlace(id: ContentId) {
  return new AssayError("store/missing", `there is no store to look for ${id} in`, { id, place: "no store" });
}
