import type { KeyId } from "../attestation/keys.ts";
import type { AssayError } from "../core/errors.ts";
import { parseDocument } from "./document.ts";
import { badIdentity, type Identity } from "./identity.ts";
import { delegatesIn, IdentityHistory, identityRefName } from "./identityHistory.ts";
import { firstDocumentIn, isObjectId, type NodeId, nodeOf, type ObjectId, type RepositoryId } from "./ids.ts";
import { mostOrigins, mostWitnesses } from "./limits.ts";
import { ifOfStorage, isOfStorage, type Nodes } from "./nodes.ts";
import { documentAt, type Objects, readBlob } from "./objects.ts";
import { type Refs, rootName } from "./signedRefs.ts";

/**
 * The identity of a repository as its storage has it. The first document follows from the repository's id, but not the entry that
 * holds it: an entry's own signature does not tell it from a copy from which nothing follows, and a founder can make another one. So
 * the entry counts that one of those names who are delegates by what follows from it; if that is so of several, none does.
 * @throws AssayError `radicle/bad-identity`, `radicle/too-large`, codes about git
 */
export async function identityIn(objects: Objects, repository: RepositoryId, nodes: Nodes): Promise<Identity> {
  const { delegates } = await firstDocument(objects, repository);
  const history = new IdentityHistory(objects, repository, async (key) => (await nodes.signedRefs(nodeOf(key)))?.refs);
  const found = new Map<ObjectId, Identity>();
  let failure: AssayError | undefined;
  for (const root of namedRoots(nodes, delegates)) {
    if ((await ifOfStorage(documentAt(objects, root))) !== firstDocumentIn(repository)) continue;
    try {
      const identity = await identityFrom(history, root, nodes, delegates);
      if (await isNamed(root, identity, nodes)) found.set(root, identity);
    } catch (error) {
      if (!isOfStorage(error)) throw error;
      failure = error;
    }
  }
  const [only, another] = found.values();
  if (another !== undefined) {
    throw badIdentity(repository, `its delegates name several beginnings: ${[...found.keys()].join(", ")}`);
  }
  if (only !== undefined) return only;
  const why = nodes.doubts.map(({ message }) => `; ${message}`).slice(0, 3);
  throw failure ?? badIdentity(repository, `no delegate's refs that can be used are in the storage${why.join("")}`);
}

/** What nodes name as the identity's first entry, its first delegates before others. Nothing of it is believed yet. */
function namedRoots(nodes: Nodes, delegates: readonly KeyId[]): ObjectId[] {
  const roots = new Set<ObjectId>();
  for (const node of [...delegates.map(nodeOf), ...nodes.ids])
    for (const root of rootsIn(nodes.unverified(node))) roots.add(root);
  return [...roots].slice(0, mostOrigins);
}

/**
 * The identity by what its first delegates say, and those who are shown to have become some by what they say themselves: a founder who
 * is a delegate no more would otherwise only have to hold back what came after.
 */
async function identityFrom(
  history: IdentityHistory,
  root: ObjectId,
  nodes: Nodes,
  delegates: readonly KeyId[],
): Promise<Identity> {
  const known = [...delegates];
  const witnesses = nodes.ids
    .filter((node) => nodes.unverified(node).has(identityRefName(root)))
    .slice(0, mostWitnesses);
  let identity = await history.from(root, known);
  for (const key of witnesses.map(keyOf)) {
    if (delegatesIn(identity).includes(key)) continue;
    const other = await history.from(root, [...known, key]);
    if (!delegatesIn(other).includes(key)) continue;
    known.push(key);
    identity = other;
  }
  return identity;
}

/** Whether one who is a delegate by an identity says that it begins there. */
async function isNamed(root: ObjectId, { current }: Identity, nodes: Nodes): Promise<boolean> {
  for (const key of current.document.delegates) {
    const signed = await nodes.signedRefs(nodeOf(key));
    if (signed !== undefined && rootsIn(signed.refs).includes(root)) return true;
  }
  return false;
}

function keyOf(node: NodeId): KeyId {
  return `did:key:${node}`;
}

/** The entries that refs name as an identity's first: one, or by the names of the identities that they know. */
function rootsIn(refs: Refs): ObjectId[] {
  const named = refs.get(rootName);
  if (named !== undefined) return [named];
  const prefix = identityRefName("");
  return [...refs.keys()]
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .filter(isObjectId);
}

/** @throws AssayError `radicle/bad-identity` */
async function firstDocument(objects: Objects, repository: RepositoryId) {
  const blob = firstDocumentIn(repository)!;
  try {
    return parseDocument(await readBlob(objects, blob), blob);
  } catch (error) {
    if (!isOfStorage(error)) throw error;
    throw badIdentity(repository, `its first document cannot be read: ${error.message}`, error);
  }
}
