import { badObject, type GitObject, parseCommit, parseTree } from "../source/gitObjects.ts";
import type { ObjectId } from "./ids.ts";

/** Where git objects are read from. Each has been compared with its id. */
export interface Objects {
  /** @throws AssayError `source/bad-object` where it is missing or damaged, `source/too-large`, codes about git */
  read(id: ObjectId): Promise<GitObject>;
}

/** The entries of a commit's tree, by name. Names that are not UTF-8 are left out. */
export async function treeOf(objects: Objects, commit: ObjectId): Promise<ReadonlyMap<string, TreeEntry>> {
  return await entriesOf(objects, parseCommit(await objects.read(commit)).tree);
}

export interface TreeEntry {
  readonly isBlob: boolean;
  readonly isTree: boolean;
  readonly id: ObjectId;
}

export async function entriesOf(objects: Objects, tree: ObjectId): Promise<ReadonlyMap<string, TreeEntry>> {
  const entries = new Map<string, TreeEntry>();
  for (const { kind, name, id } of parseTree(await objects.read(tree))) {
    const text = textOf(name);
    if (text !== undefined)
      entries.set(text, { isBlob: kind === "file" || kind === "executable", isTree: kind === "tree", id });
  }
  return entries;
}

/** @throws AssayError `source/bad-object` unless it is a blob. */
export async function readBlob(objects: Objects, id: ObjectId): Promise<Uint8Array> {
  const { type, content } = await objects.read(id);
  if (type !== "blob") throw badObject(id, `is a ${type}, expected a blob`);
  return content;
}

/** The blob id of the identity document that a commit holds: `embeds/radicle.json`. */
export async function documentAt(objects: Objects, commit: ObjectId): Promise<ObjectId | undefined> {
  return await documentIn(objects, await treeOf(objects, commit));
}

export async function documentIn(
  objects: Objects,
  tree: ReadonlyMap<string, TreeEntry>,
): Promise<ObjectId | undefined> {
  const embeds = tree.get("embeds");
  if (embeds?.isTree !== true) return undefined;
  const document = (await entriesOf(objects, embeds.id)).get("radicle.json");
  return document?.isBlob === true ? document.id : undefined;
}

/** Text of UTF-8 bytes; undefined if they are not. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
