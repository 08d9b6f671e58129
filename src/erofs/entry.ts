/** Bytes that are asked for when they are needed: each `read` gives all of them, in parts of any size. */
export interface DeferredContent<Parts = Iterable<Uint8Array> | AsyncIterable<Uint8Array>> {
  /** In bytes. */
  readonly size: number;
  read(): Parts;
}

/** The content of a file: here already, or to be had at once. */
export type ReadyContent = Uint8Array | DeferredContent<Iterable<Uint8Array>>;

/** The content of a file. */
export type ErofsContent = ReadyContent | DeferredContent;

interface Attributes {
  /**
   * Relative to the root, with `/` between components; a text stands for its UTF-8 bytes. Empty: the root itself. A component has 1 to
   * 255 bytes, none of them zero, and is not `.` or `..`; the whole has at most 4,095 bytes.
   */
  readonly path: string | Uint8Array;
  /** Permissions with set-user-id, set-group-id and sticky bit: 0 to 0o7777. When missing 755 for folders, 777 for links, else 644. */
  readonly mode?: number | undefined;
  /** Owner and group, 0 to 2^32 - 1; 0 when missing. */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Modification time in seconds since 1970; the image's when missing. */
  readonly time?: number | undefined;
}

/** One path of an image. */
export type ErofsEntry<Content extends ErofsContent = ErofsContent> =
  | (Attributes & { readonly kind: "file"; readonly content: Content })
  | (Attributes & { readonly kind: "directory" | "fifo" | "socket" })
  /** `target`: 1 to 4,095 bytes, none of them zero. */
  | (Attributes & { readonly kind: "symlink"; readonly target: string | Uint8Array })
  | (Attributes & { readonly kind: "characterDevice" | "blockDevice"; readonly major: number; readonly minor: number })
  /** Another name of what stands at `target`, a path of the image that is not a folder; it has that one's attributes. */
  | { readonly kind: "hardLink"; readonly path: string | Uint8Array; readonly target: string | Uint8Array };

/** What a whole image has. */
export interface ErofsOptions {
  /** Modification time of everything that says no other, in seconds since 1970. */
  readonly time: number;
}

/** Whether a content is here as bytes; not by their class, since another window has another one. */
export function isBytes(content: object): content is Uint8Array {
  return ArrayBuffer.isView(content);
}

/** All bytes of a content as one array. */
export function contentBytes(content: ReadyContent): Uint8Array {
  if (isBytes(content)) return content;
  const bytes = new Uint8Array(content.size);
  let at = 0;
  for (const part of content.read()) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** All bytes of a content that may have to be waited for, as one array. */
export async function readContent(content: ErofsContent): Promise<Uint8Array> {
  if (isBytes(content)) return content;
  const bytes = new Uint8Array(content.size);
  let at = 0;
  for await (const part of content.read()) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The size of a content in bytes. */
export function contentSize(content: ErofsContent): number {
  return isBytes(content) ? content.length : content.size;
}
