import { AssayError, isAssayError } from "../core/errors.ts";

/** Something that holds a lot of memory and can be opened again. */
export interface Closable {
  close(): Promise<void>;
}

interface Entry<S> {
  readonly opened: Promise<S>;
  uses: number;
  lastUse: number;
  /** Called when the last use has ended. */
  onIdle?: () => void;
}

/**
 * Keeps at most `most` machines open, however many builds there are: each takes its whole memory. What has not been used for
 * longest is closed for a new one and opened again, from its snapshots, when it is needed. A machine whose thread has died is
 * opened again at the next use. Not `p-queue`, which bounds what runs, not what is held: an idle machine holds its memory too.
 */
export class SessionPool<S extends Closable> {
  private readonly entries = new Map<string, Entry<S>>();
  private readonly waiting: (() => void)[] = [];
  private clock = 0;
  private closed = false;

  constructor(private readonly most: number) {}

  /**
   * Lends the session of this name, opening it if it is not open. It stays open as long as `act` runs.
   * @throws AssayError `agents/closed` after `closeAll`, also for those who wait for room.
   */
  async use<T>(name: string, open: () => Promise<S>, act: (session: S) => Promise<T>): Promise<T> {
    const entry = await this.borrow(name, open);
    try {
      return await act(await entry.opened);
    } catch (error) {
      if (isAssayError(error, "native/worker-fault", "native/tick-timeout")) this.forget(name, entry);
      throw error;
    } finally {
      entry.uses--;
      if (entry.uses === 0) entry.onIdle?.();
      this.waiting.shift()?.();
    }
  }

  /** Closes one session, if it is open, when its uses have ended; from now on nobody else gets it. */
  async close(name: string): Promise<void> {
    const entry = this.entries.get(name);
    if (entry === undefined) return;
    this.entries.delete(name);
    if (entry.uses > 0) {
      await new Promise<void>((resolve) => {
        entry.onIdle = resolve;
      });
    }
    await closeEntry(entry);
    this.waiting.shift()?.();
  }

  /** Closes all for good, also those in use: what uses them fails. */
  async closeAll(): Promise<void> {
    this.closed = true;
    for (const wake of this.waiting.splice(0)) wake();
    const entries = [...this.entries.values()];
    this.entries.clear();
    await Promise.all(entries.map(closeEntry));
  }

  get size(): number {
    return this.entries.size;
  }

  /** INVARIANT: a use is counted in the same turn of the event loop in which its entry is found: an idle one can be closed. */
  private async borrow(name: string, open: () => Promise<S>): Promise<Entry<S>> {
    for (;;) {
      if (this.closed) throw new AssayError("agents/closed", "the machines have been closed", { name });
      const known = this.entries.get(name);
      if (known !== undefined) {
        known.uses++;
        known.lastUse = ++this.clock;
        return known;
      }
      if (this.entries.size < this.most) {
        const entry: Entry<S> = { opened: open(), uses: 1, lastUse: ++this.clock };
        entry.opened.catch(() => this.forget(name, entry));
        this.entries.set(name, entry);
        return entry;
      }
      const idle = [...this.entries].filter(([, { uses }]) => uses === 0).sort(([, a], [, b]) => a.lastUse - b.lastUse);
      if (idle.length > 0) await this.close(idle[0]![0]);
      else await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  private forget(name: string, entry: Entry<S>): void {
    if (this.entries.get(name) === entry) this.entries.delete(name);
    void closeEntry(entry);
  }
}

async function closeEntry<S extends Closable>(entry: Entry<S>): Promise<void> {
  try {
    await (await entry.opened).close();
  } catch {
    // It was never open, or has ended by itself.
  }
}
