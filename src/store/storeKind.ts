import type { ContentId } from "./contentId.ts";
import type { MirrorFault } from "./mirrorHealth.ts";
import type { ContentSource, Store } from "./store.ts";

/** A store as an operator describes it. */
export interface StoreDescription {
  /** `file:///a/folder`, `https://mirror.example`. */
  readonly url: string;
  /** Whether what is published and fetched is kept there. */
  readonly write: boolean;
  /** For stores on other machines: a file that holds the token with which they are written to. */
  readonly tokenFile?: string | undefined;
  /** The same: name of an environment variable. */
  readonly tokenVariable?: string | undefined;
}

/** What a store tells of where it reads. */
export interface OpenStoreOptions {
  /** Ends what is being fetched. */
  readonly signal?: AbortSignal;
  readonly onCorrupt?: (id: ContentId, file: string) => void;
  /** The addresses of all stores that are configured along with it. */
  readonly others?: readonly string[];
  readonly onFault?: (fault: MirrorFault) => void;
  /** Content could not be kept in a store that is written to, while it is in another one. */
  readonly onUnkept?: (id: ContentId, error: unknown) => void;
}

/** One kind of stores, by the schemes of their URLs. */
export interface StoreKind {
  /** With their colons. */
  readonly schemes: readonly string[];
  /** Opens stores of this kind for reading, in the order of preference. */
  openRead(urls: readonly string[], options: OpenStoreOptions): ContentSource;
  /** Opens one for writing too; missing where that cannot be. */
  openWrite?(description: StoreDescription, options: OpenStoreOptions): Store;
}
