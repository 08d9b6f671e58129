import type { Digest } from "./digest.ts";
import type { DependencyEntry, DependencyKind, LayerContent, LayerEntry, Wanted } from "./entry.ts";

/** One content on its way into an image: its bytes hash to what its entry says. */
export interface Item {
  readonly entry: DependencyEntry;
  readonly bytes: Uint8Array;
  /** The same bytes, read anew when the image is written. */
  readonly content: LayerContent;
}

/** What one package manager's contents become. */
export interface Layer {
  /** What a content becomes by itself. @throws AssayError `dependencies/bad-archive` */
  add(item: Item): Promise<readonly LayerEntry[]>;
  /** What is there besides, once all are added. */
  finish(): Promise<readonly LayerEntry[]>;
}

/** One package manager: what its locks pin, and what its offline commands find. */
export interface Ecosystem {
  readonly kind: DependencyKind;
  /** Names of its lock files. */
  readonly lockFiles: readonly string[];
  /** What a lock pins. @param path for errors. @throws AssayError `dependencies/bad-lock`, `packages/bad-lock` */
  parse(text: string, path: string): readonly Wanted[];
  /** The digest that a lock has of such a content. @throws AssayError `dependencies/bad-archive` */
  digestOf(bytes: Uint8Array, algorithm: Digest["algorithm"], entry: DependencyEntry): Promise<string>;
  layer(): Layer;
  /** Of the build's command. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Where a layer's folders are in the guest. */
export const layerFolder = "deps";
