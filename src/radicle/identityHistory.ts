import type { KeyId } from "../attestation/keys.ts";
import { isAssayError } from "../core/errors.ts";
import { parseCommit } from "../source/gitObjects.ts";
import { type Document, parseDocument } from "./document.ts";
import { tooLarge } from "./errors.ts";
import { type Identity, identityOf } from "./identity.ts";
import { type IdentityEntry, identityType, readIdentityEntry } from "./identityEntry.ts";
import type { ObjectId, RepositoryId } from "./ids.ts";
import { mostIdentityEntries } from "./limits.ts";
import { type Objects, readBlob } from "./objects.ts";
import type { Refs } from "./signedRefs.ts";

/** Where a node keeps what it knows of an identity, by the entry that it begins with. */
export function identityRefName(root: ObjectId): string {
  return `refs/cobs/${identityType}/${root}`;
}

/** The refs that a delegate has signed; undefined where there are none, or none that can be used. */
export type RefsOf = (delegate: KeyId) => Promise<Refs | undefined>;

/**
 * Reads the identities of one repository from what its delegates have signed. Others' copies do not count, as they do in heartwood: an
 * entry's own signature is over its tree alone, so that anybody can put another time or other parents around what a delegate has
 * once signed. Nor can anybody else make it long.
 */
export class IdentityHistory {
  private readonly entries = new Map<ObjectId, IdentityEntry>();
  /** Commits that are no entries, and their parents. */
  private readonly others = new Map<ObjectId, readonly ObjectId[]>();
  private readonly documents = new Map<ObjectId, Document>();

  constructor(
    private readonly objects: Objects,
    private readonly repository: RepositoryId,
    private readonly refsOf: RefsOf,
  ) {}

  /**
   * The identity that begins with an entry. Who has become a delegate by what is known has a say; who was one keeps it in what builds
   * on that.
   * @param known delegates to begin with.
   * @throws AssayError `radicle/bad-identity`, `radicle/too-large`, codes about git
   */
  async from(root: ObjectId, known: readonly KeyId[]): Promise<Identity> {
    const asked = new Set<KeyId>();
    const reached = new Set<ObjectId>();
    await this.walk(root, reached);
    for (let next: readonly KeyId[] = known; ; ) {
      for (const key of next) {
        asked.add(key);
        const tip = (await this.refsOf(key))?.get(identityRefName(root));
        if (tip !== undefined) await this.walk(tip, reached);
      }
      const entries = new Map([...this.entries].filter(([id]) => reached.has(id)));
      const identity = identityOf(this.repository, root, entries, this.documents);
      next = delegatesIn(identity).filter((key) => !asked.has(key));
      if (next.length === 0) return identity;
    }
  }

  /**
   * Reads an entry and all before it. What is no entry is left out; heartwood also leaves out all before it, so that one odd commit of
   * a delegate takes the identity back as far as nobody else names it.
   */
  private async walk(tip: ObjectId, reached: Set<ObjectId>): Promise<void> {
    for (const todo = [tip]; todo.length > 0; ) {
      const id = todo.pop()!;
      if (reached.has(id)) continue;
      if (reached.size === mostIdentityEntries)
        throw tooLarge(`entries of the identity of ${this.repository}`, mostIdentityEntries);
      reached.add(id);
      todo.push(...(await this.parentsOf(id)));
    }
  }

  private async parentsOf(id: ObjectId): Promise<readonly ObjectId[]> {
    const known = this.entries.get(id)?.parents ?? this.others.get(id);
    if (known !== undefined) return known;
    const entry = await ifReadable(readIdentityEntry(this.objects, id));
    if (entry === undefined) {
      const parents = (await ifReadable(this.objects.read(id).then(parseCommit)))?.parents ?? [];
      this.others.set(id, parents);
      return parents;
    }
    this.entries.set(id, entry);
    for (const action of entry.actions) if (action.type === "revision") await this.readDocument(action.blob);
    return entry.parents;
  }

  private async readDocument(blob: ObjectId): Promise<void> {
    if (this.documents.has(blob)) return;
    const document = await ifReadable(readBlob(this.objects, blob).then((bytes) => parseDocument(bytes, blob)));
    if (document !== undefined) this.documents.set(blob, document);
  }
}

/** Of the documents that were the current one at some time. */
export function delegatesIn({ revisions }: Identity): KeyId[] {
  const accepted = [...revisions.values()].filter(({ state }) => state === "accepted");
  return [...new Set(accepted.flatMap(({ document }) => document.delegates))];
}

/** What a storage holds; undefined where it is missing, damaged or something else. */
async function ifReadable<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isAssayError(error, "source/bad-object", "source/too-large", "source/unsupported-mode", "radicle/bad-document"))
      return undefined;
    throw error;
  }
}
