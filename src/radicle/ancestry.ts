import { parseCommit } from "../source/gitObjects.ts";
import { tooLarge } from "./errors.ts";
import type { ObjectId } from "./ids.ts";
import { mostAncestors } from "./limits.ts";
import { ifOfStorage } from "./nodes.ts";
import type { Objects } from "./objects.ts";

/**
 * The history of commits, read object by object: nothing that a storage keeps beside them (grafts, commit graphs, shallow marks) has an
 * influence. What was read is remembered. A commit that is missing or damaged leads nowhere.
 */
export class Ancestry {
  private readonly parents = new Map<ObjectId, readonly ObjectId[]>();

  constructor(private readonly objects: Objects) {}

  /**
   * Whether a commit is reachable from one of others.
   * @param seen commits that were looked at before, none of them the one that is looked for; those that are looked at now are added.
   * @throws AssayError `radicle/too-large` after 2^18 commits, codes about git
   */
  async isReachable(commit: ObjectId, from: readonly ObjectId[], seen = new Set<ObjectId>()): Promise<boolean> {
    // Breadth first: what is asked for is mostly near.
    for (let level = from; level.length > 0; ) {
      const fresh = level.filter((id) => !seen.has(id) && seen.add(id));
      if (seen.has(commit)) return true;
      level = (await Promise.all(fresh.map((id) => this.parentsOf(id)))).flat();
    }
    return false;
  }

  private async parentsOf(id: ObjectId): Promise<readonly ObjectId[]> {
    const known = this.parents.get(id);
    if (known !== undefined) return known;
    if (this.parents.size >= mostAncestors) throw tooLarge("commits that are walked", mostAncestors);
    const commit = await ifOfStorage(this.objects.read(id).then(parseCommit));
    const parents = commit?.parents ?? [];
    this.parents.set(id, parents);
    return parents;
  }
}
