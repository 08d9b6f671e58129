/**
 * A root file system in the making, in memory: names, modes and where the bytes are. What is put into it never touches the
 * host's file system, so links in it lead nowhere but inside it.
 */
import { AssayError } from "../../core/errors.ts";

/** Bytes of a file, read when the image is written: each `read` gives all of them, in parts of any size. */
export interface Content {
  /** In bytes. */
  readonly size: number;
  read(): Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** Two names of one object are hard links. */
export interface FileEntry {
  readonly kind: "file";
  /** Permissions with setuid, setgid and sticky bits. */
  readonly mode: number;
  /** Modification time in seconds since 1970; the image's when missing. */
  readonly time?: number;
  readonly content: Content;
}

export interface LinkEntry {
  readonly kind: "link";
  readonly target: string;
}

export interface FolderEntry {
  readonly kind: "folder";
  mode: number;
  readonly entries: Map<string, TreeEntry>;
}

export type TreeEntry = FileEntry | LinkEntry | FolderEntry;

/** A name in a folder. */
export interface Place {
  readonly folder: FolderEntry;
  readonly name: string;
}

export const treeLimits = { entries: 2 ** 20, pathBytes: 4095, nameBytes: 255, targetBytes: 4095, links: 40 } as const;

/**
 * Paths are relative to the root, and like all names and targets here *byte strings*: each character is one byte (latin1), so
 * that names in any encoding keep their bytes.
 */
export class RootTree {
  readonly root: FolderEntry = folderEntry(0o755);
  private count = 0;

  /** What is at a path, links before the last name followed; undefined where nothing is. */
  get(path: string): TreeEntry | undefined {
    const names = namesOf(path);
    const last = names.pop();
    if (last === undefined) return this.root;
    return this.folderOf(names, path, false)?.entries.get(last);
  }

  /** The file that a path leads to, links followed. */
  resolve(path: string): TreeEntry | undefined {
    return this.walk(namesOf(path), path, false);
  }

  /** Adds a file or link, in place of what is there; missing folders get mode 755. */
  put(path: string, entry: FileEntry | LinkEntry): Place {
    if (entry.kind === "link") checkTarget(path, entry.target);
    const place = this.place(path);
    const { folder, name } = place;
    if (folder.entries.get(name)?.kind === "folder") throw badTree(path, "is a folder already");
    this.set(folder, name, entry);
    return place;
  }

  /** Adds a folder, or sets the mode of the one that is there; a link to a folder stays. */
  putFolder(path: string, mode: number): void {
    if (namesOf(path).length === 0) {
      this.root.mode = mode;
      return;
    }
    const { folder, name } = this.place(path);
    const present = folder.entries.get(name);
    if (present === undefined) this.set(folder, name, folderEntry(mode));
    else if (present.kind === "folder") present.mode = mode;
    else if (this.resolve(path)?.kind !== "folder") throw badTree(path, `is a ${present.kind} already, not a folder`);
  }

  /** Takes away what is at a path, with everything in it. */
  remove(path: string): boolean {
    const names = namesOf(path);
    const last = names.pop();
    if (last === undefined) return false;
    return this.folderOf(names, path, false)?.entries.delete(last) ?? false;
  }

  /** Everything but the root, folders before what is in them, names in the order of their bytes. */
  *walkAll(folder: FolderEntry = this.root, prefix = ""): Generator<readonly [path: string, entry: TreeEntry]> {
    for (const name of [...folder.entries.keys()].sort()) {
      const entry = folder.entries.get(name)!;
      yield [prefix + name, entry];
      if (entry.kind === "folder") yield* this.walkAll(entry, `${prefix}${name}/`);
    }
  }

  /** Where the last name of a path is, links before it followed and missing folders made. */
  place(path: string): Place {
    const names = namesOf(path);
    const name = names.pop();
    if (name === undefined) throw badTree(path, "is the root itself");
    return { folder: this.folderOf(names, path, true)!, name };
  }

  private set(folder: FolderEntry, name: string, entry: TreeEntry): void {
    if (!folder.entries.has(name) && ++this.count > treeLimits.entries) {
      throw badTree(name, `is one entry too many: ${treeLimits.entries} are allowed`);
    }
    folder.entries.set(name, entry);
  }

  private folderOf(names: readonly string[], path: string, make: boolean): FolderEntry | undefined {
    const found = this.walk(names, path, make);
    if (found === undefined || found.kind === "folder") return found;
    if (!make) return undefined;
    throw badTree(path, `lies in what is a ${found.kind}, not a folder`);
  }

  /** Follows names from the root as a system would whose root this is: `..` of the root is the root. */
  private walk(names: readonly string[], path: string, make: boolean): TreeEntry | undefined {
    const left = [...names];
    const above: FolderEntry[] = [this.root];
    let links = 0;
    while (left.length > 0) {
      const name = left.shift()!;
      const folder = above.at(-1)!;
      if (name === "" || name === ".") continue;
      if (name === "..") {
        if (above.length > 1) above.pop();
        continue;
      }
      let entry = folder.entries.get(name);
      if (entry === undefined) {
        if (!make) return undefined;
        entry = folderEntry(0o755);
        this.set(folder, name, entry);
      }
      if (entry.kind === "file") {
        if (left.length === 0) return entry;
        if (make) throw badTree(path, "lies in what is a file, not a folder");
        return undefined;
      }
      if (entry.kind === "folder") {
        above.push(entry);
        continue;
      }
      if (++links > treeLimits.links) {
        if (make) throw badTree(path, "lies behind links that lead in a circle");
        return undefined;
      }
      left.unshift(...entry.target.split("/"));
      if (entry.target.startsWith("/")) above.length = 1;
    }
    return above.at(-1);
  }
}

export function folderEntry(mode: number): FolderEntry {
  return { kind: "folder", mode, entries: new Map() };
}

/** Bytes in memory as a file's content. */
export function bytesContent(bytes: Uint8Array): Content {
  return { size: bytes.length, read: () => [bytes] };
}

/** A text as a file, mode 644 unless told otherwise. */
export function textFile(text: string, mode = 0o644): FileEntry {
  return { kind: "file", mode, content: bytesContent(new TextEncoder().encode(text)) };
}

/** The names of a path; `.` and empty ones are passed over, one that climbs is refused. */
function namesOf(path: string): string[] {
  if (path.length > treeLimits.pathBytes) throw badTree(`${path.slice(0, 60)}...`, "is longer than a path may be");
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  for (const name of names) {
    if (name === "..") throw badTree(path, 'climbs with ".."');
    if (name.includes("\0")) throw badTree(path, "has a zero byte in its name");
    if (name.length > treeLimits.nameBytes)
      throw badTree(path, `has a name of more than ${treeLimits.nameBytes} bytes`);
  }
  return names;
}

function checkTarget(path: string, target: string): void {
  if (target === "" || target.includes("\0") || target.length > treeLimits.targetBytes) {
    throw badTree(path, "is a link with a target that cannot be one");
  }
}

/** A tree that cannot be an image, by the path that is to blame. */
export function badTree(path: string, fact: string) {
  return new AssayError("guest/bad-tree", `${JSON.stringify(path)} ${fact}`, { path });
}
