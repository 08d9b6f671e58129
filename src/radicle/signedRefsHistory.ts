import { keyIdOf, publicKeyOf, verifySignature } from "../attestation/keys.ts";
import { toHex } from "../core/bytes.ts";
import { AssayError, isAssayError } from "../core/errors.ts";
import { parseCommit } from "../source/gitObjects.ts";
import { badRefs, tooLarge } from "./errors.ts";
import { firstDocumentIn, type NodeId, type ObjectId, type RepositoryId } from "./ids.ts";
import { mostSignedRefsCommits } from "./limits.ts";
import { documentAt, entriesOf, type Objects, readBlob } from "./objects.ts";
import { formatRefs, parentName, parseRefs, type Refs, rootName } from "./signedRefs.ts";

/**
 * How much a node's signed refs say: `root` binds them to the repository, `parent` also to those before them. Each level holds the
 * ones before it.
 */
export const levels = ["none", "root", "parent"] as const;
export type Level = (typeof levels)[number];

/** Refs that a node has signed. */
export interface SignedRefs {
  readonly node: NodeId;
  /** The commit that holds them. */
  readonly at: ObjectId;
  /** Without the one that stands for the commit before. */
  readonly refs: Refs;
  readonly level: Level;
}

/** One commit of a node's signed refs, its signature checked. */
interface Link {
  readonly id: ObjectId;
  readonly parent: ObjectId | undefined;
  readonly refs: Refs;
  readonly signature: string;
  readonly level: Level;
}

const rank = (level: Level) => levels.indexOf(level);

/**
 * The refs that a node has signed, at the newest commit of them. Older ones put in its place are found out: at level `parent` by what
 * is signed, else by walking all that are before. heartwood falls back to the newest that is no repetition; here it is refused.
 * @throws AssayError `radicle/bad-refs`, `radicle/bad-signature`, `radicle/other-repository`, `radicle/replayed`,
 * `radicle/downgraded`, `radicle/too-large`, codes about git
 */
export async function readSignedRefs(
  objects: Objects,
  repository: RepositoryId,
  node: NodeId,
  at: ObjectId,
): Promise<SignedRefs> {
  const head = await readLink(objects, repository, node, at);
  // Without anything before it there is nothing to be repeated.
  const level = head.parent === undefined && head.level === "root" ? "parent" : head.level;
  if (level !== "parent") await checkHistory(objects, repository, node, head);
  const refs = new Map(head.refs);
  refs.delete(parentName);
  return { node, at, refs, level };
}

/** Looks at all that are before `head`, which does not say itself what they are. */
async function checkHistory(objects: Objects, repository: RepositoryId, node: NodeId, head: Link): Promise<void> {
  let count = 1;
  for (let next = head.parent; next !== undefined; ) {
    if (++count > mostSignedRefsCommits) throw tooLarge(`commits of the refs of ${node}`, mostSignedRefsCommits);
    const link: Link = await readLink(objects, repository, node, next);
    if (rank(link.level) > rank(head.level)) {
      throw new AssayError(
        "radicle/downgraded",
        `the refs of ${node} at ${head.id} are at level ${head.level}, after ${link.level} at ${link.id}`,
        { node, commit: head.id, level: head.level, seen: link.level },
      );
    }
    if (link.signature === head.signature) {
      throw new AssayError(
        "radicle/replayed",
        `the refs of ${node} at ${head.id} are those of ${link.id}, put in anew`,
        {
          node,
          commit: head.id,
        },
      );
    }
    next = link.parent;
  }
}

async function readLink(objects: Objects, repository: RepositoryId, node: NodeId, id: ObjectId): Promise<Link> {
  const { parents, tree } = parseCommit(await objects.read(id));
  if (parents.length > 1) throw badRefs(node, `the commit ${id} has ${parents.length} parents`);
  const entries = await entriesOf(objects, tree);
  const [list, seal] = [entries.get("refs"), entries.get("signature")];
  if (list?.isBlob !== true || seal?.isBlob !== true)
    throw badRefs(node, `the commit ${id} lacks the list or its signature`);
  const signature = await readBlob(objects, seal.id);
  const refs = parseRefs(await readBlob(objects, list.id), node);
  if (!verifySignature(keyIdOf(publicKeyOf(`did:key:${node}`)), formatRefs(refs), signature)) {
    throw new AssayError("radicle/bad-signature", `the refs at ${id} are not signed by ${node}`, { node, commit: id });
  }
  const [parent] = parents;
  const isBound = await isOfRepository(objects, repository, node, id, refs);
  return { id, parent, refs, signature: toHex(signature), level: levelOf(node, id, parent, refs, isBound) };
}

/** Whether the list says which repository it is of. @throws AssayError `radicle/other-repository` if it is another one. */
async function isOfRepository(objects: Objects, repository: RepositoryId, node: NodeId, id: ObjectId, refs: Refs) {
  const root = refs.get(rootName);
  if (root === undefined) return false;
  const document = await documentAt(objects, root).catch((error: unknown) => {
    if (!isAssayError(error, "source/bad-object")) throw error;
    throw badRefs(node, `${rootName} leads to ${root}, which is not there`, error);
  });
  if (document === firstDocumentIn(repository)) return true;
  throw new AssayError("radicle/other-repository", `the refs of ${node} at ${id} are those of another repository`, {
    node,
    commit: id,
  });
}

function levelOf(node: NodeId, id: ObjectId, parent: ObjectId | undefined, refs: Refs, isBound: boolean): Level {
  const named = refs.get(parentName);
  if (named === undefined) return isBound ? "root" : "none";
  if (named !== parent) throw badRefs(node, `the commit ${id} follows ${parent ?? "none"}, but ${named} is signed`);
  if (!isBound) throw badRefs(node, `the commit ${id} names the one before it, but not the repository`);
  return "parent";
}
