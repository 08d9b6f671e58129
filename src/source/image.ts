import { AssayError } from "../core/errors.ts";
import type { ErofsEntry, ReadyContent } from "../erofs/entry.ts";
import { contentBytes } from "../erofs/entry.ts";
import { readErofs } from "../erofs/read.ts";
import { ErofsWriter } from "../erofs/writer.ts";
import { checkTree } from "./checkTree.ts";
import { tooLarge } from "./drive.ts";
import type { Entry, SourceContent, SourceRules, SourceTree } from "./source.ts";

const modes = { file: 0o644, executable: 0o755, symlink: 0o777 } as const;

/**
 * A tree as an image of a file system (README, "The image"), checked and planned; its contents are read when it is written.
 * @param capacity bytes that the image may have. @param owner the number of the user and group that everything belongs to.
 * @throws AssayError one of the `source/...` codes about trees, `source/too-large` among them
 */
export function planSourceImage(
  tree: SourceTree<SourceContent>,
  rules: SourceRules,
  capacity: number,
  owner = 0,
): ErofsWriter {
  const files = checkTree(tree, rules).map((entry) => ({ ...imageEntry(entry), uid: owner, gid: owner }));
  const folders = owner === 0 ? [] : foldersOf(tree).map((path) => folderOf(path, owner));
  const writer = new ErofsWriter([...folders, ...files], { time: tree.time });
  if (writer.size > capacity) throw tooLarge(writer.size, capacity);
  return writer;
}

function imageEntry({ kind, pathBytes, content }: ReturnType<typeof checkTree<SourceContent>>[number]): ErofsEntry {
  const common = { path: pathBytes, mode: modes[kind] };
  if (kind === "symlink") return { ...common, kind, target: content as Uint8Array };
  return { ...common, kind: "file", content };
}

function folderOf(path: string, owner: number): ErofsEntry {
  return { path, kind: "directory", uid: owner, gid: owner };
}

/** The folders that a tree's paths name. */
function foldersOf({ entries }: SourceTree<SourceContent>): string[] {
  const folders = new Set<string>();
  for (const { path } of entries) {
    for (let at = parentOf(path); at !== "" && !folders.has(at); at = parentOf(at)) folders.add(at);
  }
  return [...folders];
}

/**
 * Reads an image back. Accepts exactly what `planSourceImage` makes under the same rules.
 * @param name of the tree, which the image does not have.
 * @throws AssayError `erofs/malformed`, `erofs/not-canonical`, `source/malformed-drive`, one of the codes about trees
 */
export function decodeSourceImage(bytes: Uint8Array, name: string, rules: SourceRules): SourceTree {
  const image = readErofs(bytes, { exact: true });
  const folders = new Set<string>();
  const entries: Entry[] = [];
  for (const entry of image.entries) {
    if (entry.kind === "directory" && hasOnly(entry, 0o755, image.time)) folders.add(entry.path as string);
    else entries.push(sourceEntry(entry, image.time));
  }
  const tree = { name, time: image.time, entries };
  checkTree(tree, rules);
  // Git has no empty folders, and the image of a source has none but its root.
  for (const { path } of entries) for (let at = path; at !== ""; at = parentOf(at)) folders.delete(parentOf(at));
  folders.delete("");
  for (const path of folders) throw notASource(path, "is an empty folder");
  return tree;
}

function sourceEntry(entry: ErofsEntry<ReadyContent>, time: number): Entry {
  const { kind, path } = entry;
  if (typeof path !== "string") throw notASource(new TextDecoder().decode(path), "is not UTF-8");
  if (kind === "symlink" && hasOnly(entry, modes.symlink, time)) {
    const content = typeof entry.target === "string" ? new TextEncoder().encode(entry.target) : entry.target;
    return { path, kind, content };
  }
  if (kind === "file") {
    for (const mode of ["file", "executable"] as const)
      if (hasOnly(entry, modes[mode], time)) return { path, kind: mode, content: contentBytes(entry.content) };
  }
  throw notASource(path, "has a kind, mode, owner or time that no source has");
}

/** Whether an entry has this mode, and of everything else what all entries of a source have. */
function hasOnly(entry: ErofsEntry, mode: number, time: number): boolean {
  return entry.kind !== "hardLink" && entry.mode === mode && entry.uid === 0 && entry.gid === 0 && entry.time === time;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

function notASource(path: string, fact: string) {
  return new AssayError("source/malformed-drive", `not a source: ${JSON.stringify(path)} ${fact}`, { offset: 0 });
}
