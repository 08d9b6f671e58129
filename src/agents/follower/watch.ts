import type { Log } from "../log.ts";
import { Wakeup } from "../wakeup.ts";

export interface WatchOptions {
  readonly repositories: readonly string[];
  /** Milliseconds between two looks at a repository. */
  readonly pollMilliseconds: number;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Looks at a repository once. */
  readonly look: (repository: string) => Promise<void>;
  /** A number from 0 to 1; `Math.random` when missing. */
  readonly random?: () => number;
}

/** Looks that go on at the same time. */
const parallelLooks = 8;
/** The pause after failures grows to this, or to the poll where that is longer. */
const longestPauseMilliseconds = 15 * 60_000;

/**
 * Looks at repositories again and again, each at its own pace: one that cannot be read, or does not answer, holds up none of the
 * others.
 */
export class Watch {
  private readonly slots = new Slots(parallelLooks);
  private readonly wakeups = new Map<string, Wakeup>();
  /** What was said last of each repository's fault. */
  private readonly faults = new Map<string, string>();

  constructor(private readonly options: WatchOptions) {
    for (const repository of options.repositories) this.wakeups.set(repository, new Wakeup());
  }

  /** Looks at each once. */
  async once(): Promise<void> {
    await Promise.all([...this.wakeups.keys()].map(async (repository) => await this.look(repository)));
  }

  /** Looks at all of them until the signal. */
  async run(): Promise<void> {
    await Promise.all([...this.wakeups].map(async ([repository, wakeup]) => await this.watch(repository, wakeup)));
  }

  /** Brings the next look at a repository forward. What asks for it is not trusted: a pause after failures is not cut short. */
  hasten(repository: string): void {
    this.wakeups.get(repository)?.hint();
  }

  /** The same for who tells at first hand that there is something new: a pause after failures is cut short too. */
  hastenNow(repository: string): void {
    this.wakeups.get(repository)?.wake();
  }

  private async watch(repository: string, wakeup: Wakeup): Promise<void> {
    const { signal, pollMilliseconds, random = Math.random } = this.options;
    for (let failures = 0; !signal.aborted; ) {
      failures = (await this.look(repository)) ? 0 : failures + 1;
      await wakeup.sleep(pauseAfter(failures, pollMilliseconds, random()), signal, failures === 0);
    }
  }

  /** @returns whether it could be read. */
  private async look(repository: string): Promise<boolean> {
    const { signal, log } = this.options;
    return await this.slots.use(async () => {
      if (signal.aborted) return true;
      try {
        await this.options.look(repository);
        if (this.faults.delete(repository)) log.info({ repository }, "can be read again");
        return true;
      } catch (error) {
        if (signal.aborted) return true;
        const why = error instanceof Error ? error.message : String(error);
        if (this.faults.get(repository) !== why) log.warn({ repository, why }, "cannot be read: will try again");
        this.faults.set(repository, why);
        return false;
      }
    });
  }
}

/**
 * Milliseconds until the next look: the poll, doubled with each failure in a row, up to a quarter of an hour; a fifth more or less, so
 * that agents and repositories do not fall into step.
 * @param random from 0 to 1.
 */
export function pauseAfter(failures: number, pollMilliseconds: number, random: number): number {
  const longest = Math.max(pollMilliseconds, longestPauseMilliseconds);
  return Math.min(longest, pollMilliseconds * 2 ** Math.min(failures, 20)) * (0.8 + 0.4 * random);
}

/** At most so many things at a time, in the order in which they came. */
class Slots {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free++;
      else next();
    }
  }
}
