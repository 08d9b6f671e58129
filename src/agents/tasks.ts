import type { Log } from "./log.ts";

interface Failures {
  readonly times: number;
  /** Milliseconds. */
  readonly until: number;
}

/**
 * What a daemon does side by side: each dispute, each claim, each settlement is a task of its own, and none waits for another.
 * A task of a name runs once at a time. One that fails is logged, holds up nothing else, and is tried again after a pause
 * that grows while it goes on failing. Not `p-queue`: nothing waits in line here, a name that runs is simply not started again.
 */
export class Tasks {
  private readonly running = new Map<string, Promise<void>>();
  private readonly failures = new Map<string, Failures>();
  /** Whether a task has done something since the last `settle`. */
  private hasActed = false;
  private stopped = false;

  /** @param onActed called when a task has done something: there may be more to do. */
  constructor(
    private readonly log: Log,
    private readonly clock: () => number,
    private readonly onActed: () => void,
  ) {}

  get size(): number {
    return this.running.size;
  }

  isRunning(name: string): boolean {
    return this.running.has(name);
  }

  /** Starts none any more, and waits for those that run; what fails of them is not worth a word. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.settle();
  }

  /**
   * Starts a task, unless it runs or has failed a moment ago.
   * @param act returns whether it did something.
   */
  start(name: string, act: () => Promise<boolean>): void {
    if (this.stopped || this.running.has(name)) return;
    const failures = this.failures.get(name);
    if (failures !== undefined && this.clock() < failures.until) return;
    const run = this.run(name, act, failures?.times ?? 0);
    this.running.set(name, run);
  }

  /** Until all that run have ended, also those that they start. @returns whether any did something since the last time. */
  async settle(): Promise<boolean> {
    while (this.running.size > 0) await Promise.all(this.running.values());
    const acted = this.hasActed;
    this.hasActed = false;
    return acted;
  }

  private async run(name: string, act: () => Promise<boolean>, failuresBefore: number): Promise<void> {
    // So that a task that ends at once is in the table before it leaves it.
    await Promise.resolve();
    let acted = false;
    try {
      acted = await act();
      this.failures.delete(name);
    } catch (error) {
      const times = failuresBefore + 1;
      this.failures.set(name, { times, until: this.clock() + pauseAfter(times) });
      const code = (error as { code?: unknown }).code;
      const stack = code === undefined && error instanceof Error ? error.stack : undefined;
      if (!this.stopped)
        this.log.warn({ task: name, code, why: String((error as Error).message ?? error), stack }, "will try again");
    }
    this.running.delete(name);
    if (!acted) return;
    this.hasActed = true;
    this.onActed();
  }
}

/** Milliseconds after which what has failed, or was refused, is tried again: a second, then later and later. */
export function pauseAfter(times: number): number {
  return Math.min(15_000, 500 * 2 ** times);
}
