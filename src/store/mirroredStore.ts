import { isAssayError } from "../core/errors.ts";
import type { ContentId } from "./contentId.ts";
import type { ContentSource, Store } from "./store.ts";

/**
 * A store that reads what it does not have, or has damaged, from another source and then keeps it.
 * @param onUnkept called when the content came but could not be kept: it is returned all the same.
 */
export function mirroredStore(
  own: Store,
  source: ContentSource,
  onUnkept: (id: ContentId, error: unknown) => void = () => {},
): Store {
  return {
    put: async (bytes) => await own.put(bytes),
    async get(id, maxBytes) {
      try {
        return await own.get(id, maxBytes);
      } catch (error) {
        if (!isAssayError(error, "store/missing", "store/corrupt")) throw error;
      }
      const bytes = await source.get(id, maxBytes);
      await own.put(bytes).catch((error: unknown) => onUnkept(id, error));
      return bytes;
    },
    has: async (id) => (await own.has(id)) || (await source.has(id)),
  };
}
