import type { ContentId } from "../contentId.ts";
import { mirroredStore } from "../mirroredStore.ts";
import { type MirrorFault, mirrorSource } from "../mirrors.ts";
import type { Store } from "../store.ts";
import { directoryStore } from "./directoryStore.ts";

/** The store that an operator configures. */
export interface StorePlace {
  readonly folder: string;
  /** Addresses of further stores, to read what the folder does not have. */
  readonly mirrors: readonly string[];
}

export interface OpenStoreOptions {
  /** Ends what is being fetched. */
  readonly signal?: AbortSignal;
  readonly onCorrupt?: (id: ContentId, file: string) => void;
  readonly onFault?: (fault: MirrorFault) => void;
  /** Content came from a mirror and could not be kept. */
  readonly onUnkept?: (id: ContentId, error: unknown) => void;
}

/** A folder, with mirrors behind it if there are any. What is fetched is kept in the folder. */
export function openStore({ folder, mirrors }: StorePlace, options: OpenStoreOptions = {}): Store {
  const { signal, onCorrupt, onFault, onUnkept } = options;
  const own = directoryStore(folder, onCorrupt && { onCorrupt });
  if (mirrors.length === 0) return own;
  return mirroredStore(own, mirrorSource(mirrors, { signal, onFault }), onUnkept);
}
