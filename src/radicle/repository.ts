import type { KeyId } from "../attestation/keys.ts";
import { AssayError } from "../core/errors.ts";
import { Ancestry } from "./ancestry.ts";
import type { Document } from "./document.ts";
import { isObjectId, type NodeId, nodeOf, type ObjectId, type RepositoryId } from "./ids.ts";
import { ifOfStorage, isOfStorage, Nodes } from "./nodes.ts";
import type { Objects } from "./objects.ts";
import { identityIn } from "./origin.ts";
import { quorumOf, type Tip } from "./quorum.ts";
import { type Rule, type Rules, ruleFor, rulesOf } from "./rules.ts";
import type { Refs } from "./signedRefs.ts";
import type { Level } from "./signedRefsHistory.ts";
import { commitOf, tipAt } from "./tips.ts";

/** What a storage holds of a repository. Nothing of it is believed. */
export interface StoredRepository {
  readonly id: RepositoryId;
  /** Refs by node, with their names within its namespace. */
  readonly namespaces: ReadonlyMap<string, Refs>;
  readonly objects: Objects;
  /** The same objects, for walks through the project's history. */
  readonly history: Objects;
}

/** @throws AssayError `radicle/bad-identity`, `radicle/bad-document`, `radicle/too-large`, codes about git */
export async function verifyRepository(stored: StoredRepository, least: Level): Promise<Repository> {
  const { id, namespaces, objects } = stored;
  const nodes = new Nodes(objects, id, namespaces, least);
  const { current } = await identityIn(objects, id, nodes);
  return new Repository(stored, nodes, current.document, rulesOf(current.document, current.blob));
}

/** A repository by the word of its delegates: refs are canonical where those agree who may say so. */
export class Repository {
  private readonly ancestry: Ancestry;
  private readonly canonical = new Map<string, Promise<ObjectId>>();

  constructor(
    private readonly stored: StoredRepository,
    private readonly nodes: Nodes,
    readonly document: Document,
    private readonly rules: Rules,
  ) {
    this.ancestry = new Ancestry(stored.history);
  }

  get id(): RepositoryId {
    return this.stored.id;
  }

  get defaultBranch(): string {
    return this.rules.defaultBranch;
  }

  /** Why nodes that were asked for do not count, among those that have a say in a ref. */
  get doubts(): readonly AssayError[] {
    const voters = new Set<string>(this.rules.rules.flatMap(({ allow }) => allow.map(nodeOf)));
    return this.nodes.doubts.filter(({ details }) => "node" in details && voters.has(details.node));
  }

  /**
   * The commit of a canonical ref.
   * @param name in full: `refs/tags/v1`.
   * @throws AssayError `radicle/unknown-ref`, `radicle/no-quorum`, `radicle/diverged`, `source/bad-object`, `radicle/too-large`
   */
  canonicalCommit(name: string): Promise<ObjectId> {
    const known = this.canonical.get(name);
    if (known !== undefined) return known;
    const commit = this.decide(name);
    this.canonical.set(name, commit);
    return commit;
  }

  /** All canonical refs, and why refs on which those do not agree who may say them are none. */
  async canonicalRefs(): Promise<{ readonly refs: Refs; readonly doubts: readonly AssayError[] }> {
    const refs = new Map<string, ObjectId>();
    const doubts: AssayError[] = [];
    for (const name of await this.candidates()) {
      try {
        refs.set(name, await this.canonicalCommit(name));
      } catch (error) {
        if (!isOfStorage(error)) throw error;
        doubts.push(error);
      }
    }
    return { refs, doubts };
  }

  /** Every delegate's branches and tags, by their full names (`refs/namespaces/...`), and the commits that they lead to. */
  async delegateRefs(): Promise<Refs> {
    const refs = new Map<string, ObjectId>();
    for (const key of this.document.delegates) {
      for (const [name, id] of (await this.refsOf(key)) ?? []) {
        if (!/^refs\/(heads|tags)\//.test(name)) continue;
        const commit = await this.commitAt(id);
        if (commit !== undefined) refs.set(`refs/namespaces/${nodeOf(key)}/${name}`, commit);
      }
    }
    return refs;
  }

  /**
   * Refuses a commit to which nothing leads that anybody has signed: the default branch and delegates first, then the other nodes.
   * @throws AssayError `radicle/unreachable-commit`, `radicle/too-large`, codes about git
   */
  async checkReachable(commit: ObjectId): Promise<void> {
    const seen = new Set<ObjectId>();
    const head = await ifOfStorage(this.canonicalCommit(this.defaultBranch));
    if (head !== undefined && (await this.ancestry.isReachable(commit, [head], seen))) return;
    for (const node of new Set([...this.document.delegates.map(nodeOf), ...this.nodes.ids])) {
      if (await this.ancestry.isReachable(commit, await this.tipsOf(node), seen)) return;
    }
    const message = `nothing in ${this.id} that anybody has signed leads to ${commit}`;
    throw new AssayError("radicle/unreachable-commit", message, { repository: this.id, commit });
  }

  /** The commit that people mean: `HEAD`, a branch, a tag, a ref's full name, a commit's id. */
  async resolve(revision: string): Promise<ObjectId> {
    if (revision === "HEAD") return await this.canonicalCommit(this.defaultBranch);
    if (isObjectId(revision)) {
      await this.checkReachable(revision);
      return revision;
    }
    const names = revision.startsWith("refs/") ? [revision] : [`refs/tags/${revision}`, `refs/heads/${revision}`];
    for (const name of names) if (await this.isSaid(name)) return await this.canonicalCommit(name);
    throw this.unknown(revision);
  }

  private async decide(name: string): Promise<ObjectId> {
    const rule = ruleFor(this.rules, name);
    if (rule === undefined) throw this.unknown(name);
    const tips = await this.tipsUnder(rule, name);
    const isAncestor = (ancestor: ObjectId, descendant: ObjectId) => this.ancestry.isReachable(ancestor, [descendant]);
    return await commitOf(this.stored.objects, await quorumOf(name, tips, rule.threshold, isAncestor));
  }

  /** What those have who may say a ref. Those who do not have it, or whose object is missing, say nothing. */
  private async tipsUnder({ allow }: Rule, name: string): Promise<Map<KeyId, Tip>> {
    const tips = new Map<KeyId, Tip>();
    for (const key of allow) {
      const id = (await this.refsOf(key))?.get(name);
      const tip = id === undefined ? undefined : await this.tip(id);
      if (tip !== undefined) tips.set(key, tip);
    }
    return tips;
  }

  /** The default branch, and the names that fit a rule and that enough have who may say them. */
  private async candidates(): Promise<string[]> {
    const counts = new Map<string, number>();
    for (const key of new Set(this.rules.rules.flatMap(({ allow }) => allow))) {
      for (const name of (await this.refsOf(key))?.keys() ?? []) {
        if (ruleFor(this.rules, name)?.allow.includes(key)) counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    }
    const found = [...counts].filter(([name, count]) => count >= ruleFor(this.rules, name)!.threshold);
    return [...new Set([this.defaultBranch, ...found.map(([name]) => name)])].sort();
  }

  /** Whether somebody has a ref who may say it. */
  private async isSaid(name: string): Promise<boolean> {
    for (const key of ruleFor(this.rules, name)?.allow ?? []) if ((await this.refsOf(key))?.has(name)) return true;
    return false;
  }

  private async tipsOf(node: NodeId): Promise<ObjectId[]> {
    const commits: ObjectId[] = [];
    for (const id of (await this.nodes.signedRefs(node))?.refs.values() ?? []) {
      const commit = await this.commitAt(id);
      if (commit !== undefined) commits.push(commit);
    }
    return commits;
  }

  private async commitAt(id: ObjectId): Promise<ObjectId | undefined> {
    const tip = await this.tip(id);
    return tip && (await ifOfStorage(commitOf(this.stored.objects, tip)));
  }

  private async tip(id: ObjectId): Promise<Tip | undefined> {
    return await ifOfStorage(tipAt(this.stored.objects, id));
  }

  private async refsOf(key: KeyId): Promise<Refs | undefined> {
    return (await this.nodes.signedRefs(nodeOf(key)))?.refs;
  }

  private unknown(revision: string) {
    const shown = JSON.stringify(revision.slice(0, 80));
    return new AssayError(
      "radicle/unknown-ref",
      `${this.id} has no canonical ref ${shown}: give a branch or tag that its document has a rule for, or a commit's id`,
      { repository: this.id, revision },
    );
  }
}
