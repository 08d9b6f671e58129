import type { Digest } from "./digest.ts";

/** Each is a package manager whose locks are read. */
export const kinds = ["cargo", "debian", "go", "nix", "npm", "python"] as const;
export type DependencyKind = (typeof kinds)[number];

/** One content that a project's lock pins. */
export interface Wanted {
  readonly kind: DependencyKind;
  readonly name: string;
  readonly version: string;
  /** Go's: the module's archive, or its `go.mod`. */
  readonly part?: "mod" | "zip";
  /**
   * The content has one of these. Where there are several, each is another file of the same version, of which those are taken
   * that suit the guest.
   */
  readonly digests: readonly Digest[];
  /** The file's name, where the lock says it. */
  readonly file?: string;
  /** Where it is had, the likeliest first, if the lock says so. */
  readonly from?: readonly string[];
  /** It need not be there on every system: where no file of it suits the guest, it is left out. */
  readonly isConditional?: boolean;
}

/** One content of a dependency image, as its lock lists it. */
export interface DependencyEntry {
  readonly kind: DependencyKind;
  readonly name: string;
  readonly version: string;
  /** The file's name, where the package manager goes by it. */
  readonly file?: string | undefined;
  /** Where it was had, without credentials; hints, like everything that is fetched. */
  readonly urls: readonly string[];
  readonly size: number;
  /** Of its bytes: under this it is in stores. */
  readonly sha256: string;
  /** What the project's lock says of it, `sha512:…` for example. */
  readonly pinned: string;
}

/** For people. */
export function titleOf(entry: Pick<DependencyEntry, "kind" | "name" | "version" | "file">): string {
  const { kind, name, version, file } = entry;
  return `${kind} ${name} ${version}${file === undefined ? "" : ` (${file})`}`;
}

/** A file or link of the layer that a dependency image is. Folders exist through the paths. */
export interface LayerEntry {
  /** Relative to the root of the guest's file system, `/` between components. */
  readonly path: string;
  /** A folder only where nothing is in it. */
  readonly kind: "file" | "executable" | "symlink" | "directory";
  readonly content: LayerContent;
}

/** Bytes, or what brings them: of large files there are many. A link's are its target. */
export type LayerContent = Uint8Array | { readonly size: number; read(): Promise<Uint8Array> };

export function sizeOf(content: LayerContent): number {
  return content instanceof Uint8Array ? content.length : content.size;
}
