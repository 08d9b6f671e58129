import type { ObjectId } from "./ids.ts";

/** What the order of entries depends on. */
export interface OrderedEntry {
  readonly id: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly time: number;
}

/**
 * Entries and what follows from each, in the order in which heartwood applies them: depth first from the root, younger branches
 * last, entries that begin at the root itself by their ids from the end. An entry that is taken out takes along all that follow it.
 */
export class EntryGraph<Entry extends OrderedEntry> {
  private readonly rest: Map<ObjectId, Entry>;
  private readonly followers = new Map<ObjectId, ObjectId[]>();

  constructor(private readonly entries: ReadonlyMap<ObjectId, Entry>) {
    this.rest = new Map(entries);
    for (const { id, parents } of entries.values()) {
      for (const parent of new Set(parents)) {
        if (!entries.has(parent)) continue;
        const known = this.followers.get(parent);
        if (known === undefined) this.followers.set(parent, [id]);
        else known.push(id);
      }
    }
  }

  /** All that follow the root, each after everything among them that it follows. */
  orderFrom(root: ObjectId): ObjectId[] {
    const visited = new Set<ObjectId>();
    const backwards: ObjectId[] = [];
    for (const start of this.followersOf(root, byId)) {
      // Without recursion: a chain may be long.
      const stack: { id: ObjectId; left: ObjectId[] }[] = [];
      const enter = (id: ObjectId) => {
        if (visited.has(id)) return;
        visited.add(id);
        stack.push({ id, left: this.followersOf(id, byTime) });
      };
      enter(start);
      for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
        const next = top.left.pop();
        if (next !== undefined) enter(next);
        else backwards.push(stack.pop()!.id);
      }
    }
    return backwards.reverse();
  }

  has(id: ObjectId): boolean {
    return this.rest.has(id);
  }

  /** Takes an entry out, and all that follow it. */
  remove(id: ObjectId): void {
    for (const todo = [id]; todo.length > 0; ) {
      const next = todo.pop()!;
      if (this.rest.delete(next)) todo.push(...(this.followers.get(next) ?? []));
    }
  }

  /** Whether there is another that neither follows an entry nor is followed by it. */
  hasConcurrent(id: ObjectId): boolean {
    const before = this.reach(id, (each) => this.rest.get(each)?.parents ?? []);
    const after = this.reach(id, (each) => this.followers.get(each) ?? []);
    for (const other of this.rest.keys()) if (!before.has(other) && !after.has(other)) return true;
    return false;
  }

  private reach(id: ObjectId, next: (id: ObjectId) => readonly ObjectId[]): Set<ObjectId> {
    const reached = new Set([id]);
    for (const todo = [id]; todo.length > 0; ) {
      for (const other of next(todo.pop()!)) {
        if (!this.rest.has(other) || reached.has(other)) continue;
        reached.add(other);
        todo.push(other);
      }
    }
    return reached;
  }

  private followersOf(id: ObjectId, order: (a: OrderedEntry, b: OrderedEntry) => number): ObjectId[] {
    return (this.followers.get(id) ?? [])
      .map((each) => this.entries.get(each)!)
      .sort(order)
      .map((each) => each.id);
  }
}

function byId(a: OrderedEntry, b: OrderedEntry): number {
  return a.id < b.id ? -1 : 1;
}

function byTime(a: OrderedEntry, b: OrderedEntry): number {
  return a.time - b.time || byId(a, b);
}
