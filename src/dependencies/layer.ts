import { AssayError } from "../core/errors.ts";
import { hashOf } from "./digest.ts";
import { layerFolder } from "./ecosystem.ts";
import { ecosystems } from "./ecosystems.ts";
import { type DependencyEntry, type DependencyKind, type LayerEntry, sizeOf, titleOf, type Wanted } from "./entry.ts";
import { badArchive, checkAmount } from "./errors.ts";
import { mostEntries, mostImageBytes, mostTreeEntries } from "./limits.ts";
import { checkCoverage, sortedEntries } from "./lock.ts";
import { isPlainPath, quoted } from "./unpack.ts";

/**
 * Everything that a dependency image holds, in the order of paths: the same for the same entries, wherever they come from.
 * @param wanted what the project's locks pin. @param read brings a content; what it brings is checked, here against both locks.
 * @throws AssayError `dependencies/stale-lock`, `dependencies/other-content`, `dependencies/bad-archive`, `dependencies/too-large`,
 * and what `read` throws
 */
export async function layerOf(
  entries: readonly DependencyEntry[],
  wanted: readonly Wanted[],
  read: (entry: DependencyEntry) => Promise<Uint8Array>,
): Promise<LayerEntry[]> {
  checkAmount("dependencies", entries.length, mostEntries);
  checkCoverage(entries, wanted);
  const layer = new PathMap();
  const variables: Record<string, string> = {};
  for (const { kind, layer: begin, variables: more } of Object.values(ecosystems)) {
    const own = sortedEntries(entries).filter((each) => each.kind === kind);
    if (own.length === 0) continue;
    const part = begin();
    for (const entry of own) {
      const bytes = await read(entry);
      await checkContent(entry, bytes);
      const content = { size: entry.size, read: async () => await read(entry) };
      layer.add(kind, await part.add({ entry, bytes, content }));
    }
    layer.add(kind, await part.finish());
    Object.assign(variables, more);
  }
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  const content = new TextEncoder().encode(lines.sort().join(""));
  layer.add("deps", [{ path: `${layerFolder}/environment`, kind: "file", content }]);
  return layer.sorted();
}

/** @throws AssayError `dependencies/other-content` unless it is what both locks say. */
async function checkContent(entry: DependencyEntry, bytes: Uint8Array): Promise<void> {
  const given = await hashOf("SHA-256", bytes);
  if (given !== entry.sha256) throw otherContent(titleOf(entry), `sha256:${entry.sha256}`, `sha256:${given}`);
  if (bytes.length !== entry.size) throw otherContent(titleOf(entry), `${entry.size} bytes`, `${bytes.length} bytes`);
  await checkPinned(entry, bytes);
}

/** @throws AssayError `dependencies/other-content` unless the content has the digest that the project's lock says. */
export async function checkPinned(entry: DependencyEntry, bytes: Uint8Array): Promise<void> {
  const algorithm = entry.pinned.slice(0, entry.pinned.indexOf(":")) as "sha256" | "sha512" | "h1";
  const given = `${algorithm}:${await ecosystems[entry.kind].digestOf(bytes, algorithm, entry)}`;
  if (given !== entry.pinned) throw otherContent(titleOf(entry), entry.pinned, given);
}

export function otherContent(entry: string, expected: string, given: string) {
  return new AssayError(
    "dependencies/other-content",
    `${entry} is not what the lock says: it is ${given}, and should be ${expected}`,
    { entry, expected, given },
  );
}

/** A tree's files: each path once, none below a file, and all within the limits. */
class PathMap {
  private readonly entries = new Map<string, LayerEntry>();
  private readonly folders = new Set<string>();
  private bytes = 0;

  add(kind: DependencyKind | "deps", added: readonly LayerEntry[]): void {
    for (const entry of added) {
      const { path } = entry;
      if (!isPlainPath(path) || path.length > 3840)
        throw badArchive(kind, `leads to ${quoted(path)}, which is not a path`);
      if (this.entries.has(path) || this.folders.has(path)) throw badArchive(kind, `leads to ${quoted(path)} twice`);
      for (let at = path.lastIndexOf("/"); at !== -1; at = path.lastIndexOf("/", at - 1)) {
        const folder = path.slice(0, at);
        if (this.entries.has(folder)) throw badArchive(kind, `has ${quoted(folder)} as a file and as a folder`);
        if (this.folders.has(folder)) break;
        this.folders.add(folder);
      }
      this.entries.set(path, entry);
      this.bytes += sizeOf(entry.content);
      checkAmount("files and folders of dependencies", this.entries.size + this.folders.size, mostTreeEntries);
      checkAmount("bytes of dependencies", this.bytes, mostImageBytes);
    }
  }

  sorted(): LayerEntry[] {
    return [...this.entries.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }
}
