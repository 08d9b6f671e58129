/**
 * The snapshots along a run, each holding what changed since the one before, within a budget of bytes. When the budget is
 * exceeded, the snapshot whose loss leaves the smallest gap is merged into the next one; the first and the last stay.
 */
import type { Root } from "../../core/bytes.ts";
import { AssayError, isAssayError } from "../../core/errors.ts";
import type { Hasher } from "../../merkle/hasher.ts";
import type { DriveContents } from "./driveContents.ts";
import { changedBytes, mergedChanges, type Snapshot } from "./snapshot.ts";
import {
  type CheckpointNotes,
  decodeSnapshot,
  encodeSnapshot,
  type StoredSnapshot,
  type TickRoot,
} from "./snapshotCodec.ts";
import type { SnapshotStorage } from "./snapshotStorage.ts";

const nameOf = (tick: number) => `tick-${tick.toString().padStart(13, "0")}`;

/** A snapshot of the chain. */
export interface Link {
  readonly snapshot: Snapshot;
  notes: CheckpointNotes;
}

export class SnapshotChain {
  private readonly hasher: Hasher;
  private readonly storage: SnapshotStorage;
  private readonly budgetBytes: number;
  private readonly atHand: DriveContents | undefined;
  private links: Link[] = [];

  /**
   * @param budgetBytes what the snapshots' pages may take in the storage.
   * @param atHand contents that the first snapshot need not keep.
   */
  constructor(hasher: Hasher, storage: SnapshotStorage, budgetBytes: number, atHand?: DriveContents) {
    this.hasher = hasher;
    this.storage = storage;
    this.budgetBytes = budgetBytes;
    this.atHand = atHand;
  }

  /**
   * Takes over what an earlier process stored for the same start state, as far as it is whole.
   * @param report is told of each snapshot that is not, which is removed; what follows it is removed too.
   */
  load(start: Root, report: (complaint: string) => void): void {
    const stored = new Map<number, StoredSnapshot>();
    for (const name of this.storage.names().sort()) {
      try {
        const entry = decodeSnapshot(this.hasher, this.storage, name, this.atHand);
        const { parentTick = -1, snapshot } = entry;
        if (nameOf(snapshot.tick) === name && parentTick < snapshot.tick) stored.set(snapshot.tick, entry);
        else throw new AssayError("native/corrupt-snapshot", `snapshot ${name} has another one's content`);
      } catch (error) {
        if (!isAssayError(error, "native/corrupt-snapshot")) throw error;
        report(error.message);
      }
    }
    // Of two children, the later one has merged the other.
    const children = new Map([...stored.values()].map((entry) => [entry.parentTick, entry]));
    let next = stored.get(0);
    if (next !== undefined && next.snapshot.root !== start) next = undefined;
    for (let parent: Snapshot | null = null; next !== undefined; next = children.get(parent.tick)) {
      parent = { ...next.snapshot, parent };
      this.links.push({ snapshot: parent, notes: next.notes });
    }
    const kept = new Set(this.links.map(({ snapshot }) => nameOf(snapshot.tick)));
    for (const name of this.storage.names()) if (!kept.has(name)) this.storage.remove(name);
  }

  get first(): Snapshot | undefined {
    return this.links[0]?.snapshot;
  }

  get last(): Snapshot | undefined {
    return this.links[this.links.length - 1]?.snapshot;
  }

  /** The last snapshot at or before this tick. */
  before(tick: number): Snapshot | undefined {
    return this.links.findLast(({ snapshot }) => snapshot.tick <= tick)?.snapshot;
  }

  get ticks(): number[] {
    return this.links.map(({ snapshot }) => snapshot.tick);
  }

  /** All checkpoint roots along the chain, in order. */
  roots(): TickRoot[] {
    return this.links.flatMap(({ notes }) => notes.roots);
  }

  /** Logarithm of the checkpoints' distance in ticks, as far as the run was; 0 before its first snapshot. */
  get log2CheckpointTicks(): number {
    return this.links[this.links.length - 1]?.notes.log2Ticks ?? 0;
  }

  /**
   * Keeps a snapshot after the last one, its parent. Its contents are read from the storage from now on.
   * @returns the snapshots that were merged away to stay within the budget
   */
  append(snapshot: Snapshot, notes: CheckpointNotes): Snapshot[] {
    this.store(snapshot, notes);
    this.links.push({ snapshot, notes });
    return this.thin();
  }

  /** Removes a snapshot that cannot be read, and all after it, which build on it. */
  cut(snapshot: Snapshot): Link[] {
    const at = this.links.findIndex((link) => link.snapshot === snapshot);
    const removed = at === -1 ? [] : this.links.splice(at);
    for (const link of removed) this.storage.remove(nameOf(link.snapshot.tick));
    return removed;
  }

  private store(snapshot: Snapshot, notes: CheckpointNotes): void {
    const name = nameOf(snapshot.tick);
    this.storage.write(name, encodeSnapshot(this.hasher, snapshot, notes, this.contentsFor(snapshot)));
    snapshot.changes = decodeSnapshot(this.hasher, this.storage, name, this.atHand).snapshot.changes;
  }

  private contentsFor(snapshot: Snapshot): DriveContents | undefined {
    return snapshot.parent === null ? this.atHand : undefined;
  }

  private thin(): Snapshot[] {
    const removed: Snapshot[] = [];
    const bytes = () => this.links.reduce((sum, { snapshot }) => sum + changedBytes(snapshot), 0);
    const most = () => Math.min(this.budgetBytes, this.storage.mostBytes ?? Number.POSITIVE_INFINITY);
    while (this.links.length > 2 && bytes() > most()) {
      const at = this.leastMissed();
      const { snapshot, notes } = this.links.splice(at, 1)[0]!;
      const next = this.links[at]!;
      next.notes = { ...next.notes, roots: [...notes.roots, ...next.notes.roots] };
      next.snapshot.changes = mergedChanges(snapshot, next.snapshot);
      next.snapshot.parent = snapshot.parent;
      this.store(next.snapshot, next.notes);
      this.storage.remove(nameOf(snapshot.tick));
      removed.push(snapshot);
    }
    return removed;
  }

  /** The link between the first and the last whose neighbours are closest, the earliest of those. */
  private leastMissed(): number {
    let best = 1;
    let smallest = Number.POSITIVE_INFINITY;
    for (let i = 1; i < this.links.length - 1; i++) {
      const gap = this.links[i + 1]!.snapshot.tick - this.links[i - 1]!.snapshot.tick;
      if (gap < smallest) [best, smallest] = [i, gap];
    }
    return best;
  }
}
