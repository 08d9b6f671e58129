import { z } from "zod";
import { type KeyId, verifySignature } from "../attestation/keys.ts";
import { parseStrictJson } from "../attestation/strictJson.ts";
import { fromHex } from "../core/bytes.ts";
import { badObject } from "../source/gitObjects.ts";
import { type IdentityAction, parseIdentityAction } from "./identityAction.ts";
import type { ObjectId } from "./ids.ts";
import { mostEntryBytes } from "./limits.ts";
import { documentIn, entriesOf, type Objects, readBlob, type TreeEntry, textOf } from "./objects.ts";
import { parseSshSignature, type SshSignature } from "./sshSignature.ts";

/** One entry of the history of a repository's identity: a commit. */
export interface IdentityEntry {
  readonly id: ObjectId;
  /** Entries that its author knew. */
  readonly parents: readonly ObjectId[];
  /** Seconds since 1970, as its author says. */
  readonly time: number;
  readonly author: KeyId;
  /** Whether the author has signed the entry's tree. */
  readonly isSigned: boolean;
  /** Empty where one of them could not be read: then the entry does nothing. */
  readonly actions: readonly IdentityAction[];
  /** The document that the entry holds. */
  readonly document: ObjectId | undefined;
}

/** The type of the collaborative object, in its manifest and in its refs' names. */
export const identityType = "xyz.radicle.id";

const manifestSchema = z
  .object({ typeName: z.string().optional(), typename: z.string().optional(), version: z.int().min(1).optional() })
  .refine(({ typeName, typename }) => (typeName ?? typename) === identityType);

/** @throws AssayError `source/bad-object` where it is no such entry, codes about git */
export async function readIdentityEntry(objects: Objects, id: ObjectId): Promise<IdentityEntry> {
  const commit = await objects.read(id);
  const head = commit.type === "commit" ? headOf(commit.content) : undefined;
  if (head === undefined) throw notAnEntry(id, "its commit is not one of a collaborative object");
  const { tree, parents, time, signature } = head;
  const entries = await entriesOf(objects, tree);
  const manifest = entries.get("manifest");
  if (manifest?.isBlob !== true || !isManifest(await readBlob(objects, manifest.id))) {
    throw notAnEntry(id, "its manifest is not that of an identity");
  }
  const isSigned = verifySignature(signature.key, fromHex(`0x${tree}`), signature.signature);
  const actions = await actionsIn(objects, entries);
  if (actions === undefined) throw notAnEntry(id, "it has no actions, or odd names");
  return {
    ...{ id, parents, time, author: signature.key, isSigned },
    actions: actions.every((action) => action !== undefined) ? actions : [],
    document: await documentIn(objects, entries),
  };
}

/**
 * The actions in the order of their numbers. heartwood reads a number in any spelling that Rust's parser takes; the canonical ones are
 * the only that it writes.
 */
async function actionsIn(objects: Objects, entries: ReadonlyMap<string, TreeEntry>) {
  const numbers: number[] = [];
  for (const [name, { isBlob }] of entries) {
    if (!isBlob || !/^[+-]?\d+$/.test(name)) continue;
    if (!/^(0|[1-9]\d{0,2})$/.test(name) || Number(name) > 127) return undefined;
    numbers.push(Number(name));
  }
  if (numbers.length === 0) return undefined;
  const actions: (IdentityAction | undefined)[] = [];
  for (const number of numbers.sort((a, b) => a - b)) {
    actions.push(parseIdentityAction(await readBlob(objects, entries.get(String(number))!.id)));
  }
  return actions;
}

interface Head {
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly time: number;
  readonly signature: SshSignature;
}

/**
 * The head of a commit, which heartwood reads more strictly than git. Entries of an identity name no resource and nothing related; one
 * that does is passed over, since its parents would not all be entries.
 */
function headOf(content: Uint8Array): Head | undefined {
  const text = content.length > mostEntryBytes ? undefined : textOf(content);
  const end = text?.indexOf("\n\n") ?? -1;
  if (text === undefined || end < 0 || /^Rad-(Resource|Related)[ \t]*[:=]/im.test(text.slice(end))) return undefined;
  const lines = text.slice(0, end).split("\n");
  const tree = /^tree ([0-9a-f]{40})$/.exec(lines.shift()!)?.[1];
  const parents: ObjectId[] = [];
  for (let parent = parentIn(lines[0]); parent !== undefined; parent = parentIn(lines[0])) {
    parents.push(parent);
    lines.shift();
  }
  const [author, committer, ...rest] = lines;
  const time = /^committer .*> (\d{1,12}) [+-]\d{4}$/.exec(committer ?? "")?.[1];
  const signature = signatureIn(rest);
  if (tree === undefined || !author?.startsWith("author ") || time === undefined || signature === undefined)
    return undefined;
  return { tree, parents, time: Number(time), signature };
}

function parentIn(line: string | undefined): ObjectId | undefined {
  return /^parent ([0-9a-f]{40})$/.exec(line ?? "")?.[1];
}

/** The signature in a commit's further headers; undefined unless there is exactly one, by SSH. */
function signatureIn(lines: readonly string[]): SshSignature | undefined {
  const starts = lines.flatMap((line, at) => (line.startsWith("gpgsig ") ? [at] : []));
  const [start] = starts;
  if (start === undefined || starts.length > 1) return undefined;
  const value = [lines[start]!.slice("gpgsig ".length)];
  for (let at = start + 1; lines[at]?.startsWith(" "); at++) value.push(lines[at]!.slice(1));
  while (value.at(-1) === "") value.pop();
  return parseSshSignature(value.join("\n"));
}

function isManifest(bytes: Uint8Array): boolean {
  const text = bytes.length > mostEntryBytes ? undefined : textOf(bytes);
  try {
    return text !== undefined && manifestSchema.safeParse(parseStrictJson(text, "manifest")).success;
  } catch {
    return false;
  }
}

function notAnEntry(id: ObjectId, why: string) {
  return badObject(id, `is not an entry of an identity: ${why}`);
}
