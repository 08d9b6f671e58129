import { type KeyId, verifySignature } from "../attestation/keys.ts";
import { fromHex } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import { type Document, majorityOf, sameDocument } from "./document.ts";
import { EntryGraph } from "./entryOrder.ts";
import type { IdentityAction } from "./identityAction.ts";
import type { IdentityEntry } from "./identityEntry.ts";
import { firstDocumentIn, type ObjectId, type RepositoryId } from "./ids.ts";

/** A document that was proposed, and what became of it. */
export interface Revision {
  readonly id: ObjectId;
  /** Of the document. */
  readonly blob: ObjectId;
  readonly document: Document;
  readonly author: KeyId;
  readonly parent: ObjectId | undefined;
  state: "active" | "accepted" | "rejected" | "redacted";
  readonly verdicts: Map<KeyId, "accept" | "reject">;
  readonly children: ObjectId[];
}

/** Who a repository belongs to, after all that its delegates have said. */
export interface Identity {
  readonly current: Revision;
  readonly revisions: ReadonlyMap<ObjectId, Revision>;
}

/**
 * The identity of a repository: its first document, and what more than half of the delegates have put in its place, again and again.
 * An entry that may not be, or not like that, is left out with all that follow it.
 * @param entries all of the history that there is, by id. @param documents those that entries propose; what cannot be read is missing.
 * @throws AssayError `radicle/bad-identity` if it does not begin as it has to.
 */
export function identityOf(
  repository: RepositoryId,
  root: ObjectId,
  entries: ReadonlyMap<ObjectId, IdentityEntry>,
  documents: ReadonlyMap<ObjectId, Document>,
): Identity {
  const first = firstRevision(repository, entries.get(root), documents);
  const graph = new EntryGraph(entries);
  const state = new IdentityState(first, documents);
  for (const id of graph.orderFrom(root)) {
    if (!graph.has(id)) continue;
    const entry = entries.get(id)!;
    if (!entry.isSigned || !state.apply(entry, () => graph.hasConcurrent(id))) graph.remove(id);
  }
  return { current: state.current, revisions: state.revisions };
}

function firstRevision(
  repository: RepositoryId,
  entry: IdentityEntry | undefined,
  documents: ReadonlyMap<ObjectId, Document>,
): Revision {
  const refuse = (why: string) => badIdentity(repository, why);
  if (entry === undefined) throw refuse("its first entry is not there");
  const [action, second] = entry.actions;
  if (!entry.isSigned) throw refuse("its first entry is not signed by its author");
  if (action?.type !== "revision" || second !== undefined || action.parent !== undefined) {
    throw refuse("its first entry is not the beginning of one");
  }
  const { blob, signature } = action;
  if (blob !== firstDocumentIn(repository) || entry.document !== blob) throw refuse("it begins with another document");
  const document = documents.get(blob);
  if (document === undefined) throw refuse("its first document cannot be read");
  if (document.delegates[0] !== entry.author) throw refuse("its first entry is not by the first delegate");
  if (!isSignedBy(entry.author, blob, signature))
    throw refuse("its first document is not signed by the first delegate");
  return revisionOf(entry, blob, document, undefined, "accepted");
}

function revisionOf(
  { id, author }: IdentityEntry,
  blob: ObjectId,
  document: Document,
  parent: ObjectId | undefined,
  state: Revision["state"],
): Revision {
  return { id, blob, document, author, parent, state, verdicts: new Map([[author, "accept"]]), children: [] };
}

function isSignedBy(key: KeyId, blob: ObjectId, signature: Uint8Array): boolean {
  return verifySignature(key, fromHex(`0x${blob}`), signature);
}

export function badIdentity(
  repository: RepositoryId,
  why: string,
  cause?: unknown,
): AssayError<"radicle/bad-identity"> {
  const message = `${repository} has no identity that can be used: ${why}`;
  return new AssayError("radicle/bad-identity", message, { repository, why }, { cause });
}

/** @returns whether it is the delegate's first verdict. A second one is wrong and stands all the same, as in heartwood. */
function judge({ verdicts }: Revision, author: KeyId, verdict: "accept" | "reject"): boolean {
  const isFirst = !verdicts.has(author);
  verdicts.set(author, verdict);
  return isFirst;
}

/** What an action has come to. A late one comes to nothing where others have acted at the same time; else it should not be. */
type Outcome = "done" | "wrong" | "late";

class IdentityState {
  readonly revisions: Map<ObjectId, Revision>;
  current: Revision;

  constructor(
    first: Revision,
    private readonly documents: ReadonlyMap<ObjectId, Document>,
  ) {
    this.current = first;
    this.revisions = new Map([[first.id, first]]);
  }

  /** @returns whether the entry may be. What it did before its wrong action stays done, as in heartwood. */
  apply(entry: IdentityEntry, hasConcurrent: () => boolean): boolean {
    // heartwood lets the later of two revisions of one entry, which share their id, replace the other; no node writes that.
    if (entry.actions.length === 0 || entry.actions.filter(({ type }) => type === "revision").length > 1) return false;
    for (const action of entry.actions) {
      const outcome = this.act(action, entry);
      if (outcome === "wrong" || (outcome === "late" && !hasConcurrent())) return false;
    }
    return true;
  }

  private act(action: IdentityAction, entry: IdentityEntry): Outcome {
    if (action.type === "revision") return this.propose(action, entry);
    const revision = this.revisions.get(action.revision);
    if (revision === undefined) return "wrong";
    switch (action.type) {
      case "revision.accept":
        return this.accept(revision, entry.author, action.signature);
      case "revision.reject":
        return this.reject(revision, entry.author);
      case "revision.redact":
        if (revision.author !== entry.author) return "wrong";
        if (revision.state === "active") this.end(revision, "redacted");
        return "done";
      case "RevisionEdit":
        if (revision.state !== "active") return "late";
        return revision.author === entry.author ? "done" : "wrong";
    }
  }

  private propose(
    { blob, parent: parentId, signature }: IdentityAction & { readonly type: "revision" },
    entry: IdentityEntry,
  ): Outcome {
    const document = this.documents.get(blob);
    const parent = parentId === undefined ? undefined : this.revisions.get(parentId);
    if (document === undefined || parent === undefined) return "wrong";
    // heartwood takes the document from the action here, and from the entry when it reads the current one: they have to be the same.
    if (entry.document !== blob) return "wrong";
    if (!parent.document.delegates.includes(entry.author) || sameDocument(document, parent.document)) return "wrong";
    if (!isSignedBy(entry.author, blob, signature)) return "wrong";
    const revision = revisionOf(entry, blob, document, parent.id, this.stateBelow(parent));
    this.revisions.set(revision.id, revision);
    parent.children.push(revision.id);
    this.adopt(revision);
    return "done";
  }

  /** What a new revision is, by the one that it builds on. */
  private stateBelow(parent: Revision): Revision["state"] {
    if (parent.state !== "accepted") return parent.state;
    const isTaken = parent.children.some((id) => this.revisions.get(id)!.state === "accepted");
    return isTaken ? "rejected" : "active";
  }

  private accept(revision: Revision, author: KeyId, signature: Uint8Array): Outcome {
    if (revision.state !== "active") return "done";
    if (!this.mayJudge(revision, author) || !isSignedBy(author, revision.blob, signature)) return "wrong";
    if (!judge(revision, author, "accept")) return "wrong";
    this.adopt(revision);
    return "done";
  }

  private reject(revision: Revision, author: KeyId): Outcome {
    if (revision.state !== "active") return "done";
    if (!this.mayJudge(revision, author) || !judge(revision, author, "reject")) return "wrong";
    const { document } = this.parentOf(revision);
    const rejections = [...revision.verdicts.values()].filter((verdict) => verdict === "reject").length;
    if (rejections > document.delegates.length - majorityOf(document)) this.end(revision, "rejected");
    return "done";
  }

  /** Delegates of the document before. */
  private mayJudge(revision: Revision, author: KeyId): boolean {
    return this.parentOf(revision).document.delegates.includes(author);
  }

  /** Of any revision but the first, which is never active. */
  private parentOf(revision: Revision): Revision {
    return this.revisions.get(revision.parent!)!;
  }

  /** Makes a revision the current one if it follows that, and enough have accepted it; then its children, by the new rules. */
  private adopt(revision: Revision): void {
    for (const todo = [revision]; todo.length > 0; ) {
      const next = todo.pop()!;
      if (next.state !== "active" || next.parent !== this.current.id || !this.isAccepted(next)) continue;
      for (const id of this.current.children) {
        const sibling = this.revisions.get(id)!;
        if (sibling !== next && sibling.state === "active") this.end(sibling, "rejected");
      }
      next.state = "accepted";
      this.current = next;
      const children = next.children.map((id) => this.revisions.get(id)!);
      todo.push(...children.filter((child) => child.state === "active").reverse());
    }
  }

  /** By more than half of the delegates that there are now: nobody else has a vote on what follows the current document. */
  private isAccepted({ verdicts }: Revision): boolean {
    const votes = [...verdicts.values()].filter((verdict) => verdict === "accept");
    return votes.length >= majorityOf(this.current.document);
  }

  /** Rejects or redacts an active revision, and all that build on it. */
  private end(revision: Revision, state: "rejected" | "redacted"): void {
    revision.state = state;
    for (const todo = [...revision.children]; todo.length > 0; ) {
      const next = this.revisions.get(todo.pop()!)!;
      if (next.state !== "active") continue;
      next.state = state;
      todo.push(...next.children);
    }
  }
}
