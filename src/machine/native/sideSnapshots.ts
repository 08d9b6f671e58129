/**
 * Snapshots beside the chain: inside the interval or the tick that is looked into just now. They live in memory within a
 * budget; the one unused for longest goes first, with all that build on it.
 */
import { ContentPool } from "./contentPool.ts";
import { noteBytes, type Snapshot } from "./snapshot.ts";

const stackBytes = 65536;

export class SideSnapshots {
  /** Contents of the pages of the snapshots that are kept here. */
  readonly pool = new ContentPool();
  private readonly budgetBytes: number;
  /** In the order of last use. */
  private readonly snapshots = new Set<Snapshot>();

  constructor(budgetBytes: number) {
    this.budgetBytes = budgetBytes;
  }

  /** Keeps a snapshot, whose contents are the pool's. @returns those that had to go, none of which it builds on */
  add(snapshot: Snapshot): Snapshot[] {
    this.snapshots.add(snapshot);
    this.touch(snapshot);
    const removed: Snapshot[] = [];
    for (const oldest of [...this.snapshots]) {
      if (this.bytes() <= this.budgetBytes) break;
      if (!buildsOn(snapshot, oldest)) removed.push(...this.remove(oldest));
    }
    return removed;
  }

  /** Notes that a snapshot was of use, and those it builds on. */
  touch(snapshot: Snapshot): void {
    for (let at: Snapshot | null = snapshot; at !== null; at = at.parent) {
      if (this.snapshots.delete(at)) this.snapshots.add(at);
    }
  }

  /** Forgets all that build on `snapshot`, and itself. */
  remove(snapshot: Snapshot): Snapshot[] {
    const removed = [...this.snapshots].filter((candidate) => buildsOn(candidate, snapshot));
    for (const candidate of removed) {
      this.snapshots.delete(candidate);
      this.pool.release(candidate.changes);
    }
    return removed;
  }

  has(snapshot: Snapshot): boolean {
    return this.snapshots.has(snapshot);
  }

  /** The last state between ticks at or before `tick`. */
  beforeTick(tick: number): Snapshot | undefined {
    return latest([...this.snapshots].filter((snapshot) => snapshot.step === undefined && snapshot.tick <= tick));
  }

  /** The last state within tick number `tick` at or before `step`. */
  beforeStep(tick: number, step: number): Snapshot | undefined {
    return latest([...this.snapshots].filter((s) => s.tick === tick && s.step !== undefined && s.step <= step));
  }

  /** States within tick number `tick`, in no order. */
  withinTick(tick: number): Snapshot[] {
    return [...this.snapshots].filter((snapshot) => snapshot.tick === tick && snapshot.step !== undefined);
  }

  private bytes(): number {
    let sum = this.pool.bytes;
    for (const snapshot of this.snapshots) {
      sum += noteBytes(snapshot) + snapshot.globals.byteLength + (snapshot.stack === undefined ? 0 : stackBytes);
    }
    return sum;
  }
}

function buildsOn(candidate: Snapshot, ancestor: Snapshot): boolean {
  for (let at: Snapshot | null = candidate; at !== null; at = at.parent) if (at === ancestor) return true;
  return false;
}

function latest(snapshots: readonly Snapshot[]): Snapshot | undefined {
  return snapshots.reduce<Snapshot | undefined>((best, snapshot) => {
    if (best === undefined || snapshot.tick > best.tick) return snapshot;
    return snapshot.tick === best.tick && (snapshot.step ?? 0) > (best.step ?? 0) ? snapshot : best;
  }, undefined);
}
