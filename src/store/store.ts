import { AssayError } from "../core/errors.ts";
import { type ContentId, contentIdOf } from "./contentId.ts";
import type { Draft } from "./draft.ts";
import type { StoreErrorCode } from "./errors.ts";

/** Where content is read from. The one that answers is not trusted: `get` returns bytes that hash to the id or throws. */
export interface ContentSource {
  /**
   * @param maxBytes refuses content that is larger before it is read into memory.
   * @throws AssayError `store/missing`, `store/corrupt`, `store/too-large`, `store/io-fault`, `store/unreachable-fault`,
   * `store/cancelled`
   */
  get(id: ContentId, maxBytes: number): Promise<Uint8Array>;
  /** Whether something is kept under this id; what it is only `get` can tell. */
  has(id: ContentId): Promise<boolean>;
  /**
   * As `get`, into a draft, from where it ends on: for what is too large for memory, or to be gone on with later. Sources that lack this
   * have everything at hand. When it fails, what came stays in the draft.
   * @param onSize called when somebody says how long the content is, once or more often.
   */
  bring?(id: ContentId, maxBytes: number, draft: Draft, onSize?: (size: number) => void): Promise<void>;
}

/** Content-addressed storage. Another kind implements these three functions. */
export interface Store extends ContentSource {
  /** Keeps the bytes durably before it returns. Putting the same bytes again is no error and costs a look-up. */
  put(bytes: Uint8Array): Promise<ContentId>;
}

/** A store that lives as long as the process. */
export function memoryStore(): Store {
  const kept = new Map<ContentId, Uint8Array>();
  return {
    async put(bytes) {
      const id = contentIdOf(bytes);
      if (!kept.has(id)) kept.set(id, bytes.slice());
      return id;
    },
    async get(id, maxBytes) {
      const bytes = kept.get(id);
      if (bytes === undefined) throw missing(id, "this process");
      checkSize(id, bytes.length, maxBytes);
      return bytes.slice();
    },
    async has(id) {
      return kept.has(id);
    },
  };
}

/** The error for content that `place` does not have. */
export function missing(id: ContentId, place: string): AssayError<StoreErrorCode> {
  return new AssayError("store/missing", `${place} has no content ${id}`, { id, place });
}

/** @throws AssayError `store/too-large` */
export function checkSize(id: ContentId, size: number, maxBytes: number): void {
  if (size <= maxBytes) return;
  throw new AssayError("store/too-large", `content ${id} has ${size} bytes, more than ${maxBytes}`, {
    id,
    size,
    maxBytes,
  });
}

/** @throws AssayError `store/corrupt` unless the bytes are what the id names. */
export function checkContent(id: ContentId, bytes: Uint8Array, place: string): void {
  const given = contentIdOf(bytes);
  if (given === id) return;
  throw new AssayError("store/corrupt", `${place} holds ${given} under the name ${id}`, { id, given, place });
}
