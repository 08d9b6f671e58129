import { printable } from "../core/printable.ts";
import type { Head } from "./ports.ts";

export interface HealthOptions {
  readonly daemon: string;
  /** Milliseconds, of the machine. */
  readonly clock: () => number;
  readonly head: () => Head | undefined;
  /** Milliseconds after the last good round from which a daemon counts as stuck. */
  readonly silenceMilliseconds: number;
  /** Age of the newest block from which the chain, or the server, counts as stuck. */
  readonly maxHeadAgeSeconds: number;
}

/** How a daemon is; the answer of `/healthz`. */
export interface HealthReport {
  readonly healthy: boolean;
  readonly daemon: string;
  /** Why it is not healthy, in words; none if it is. */
  readonly reasons: readonly string[];
  readonly rounds: number;
  readonly failedRounds: number;
  /** The last round that succeeded. */
  readonly lastRound?: { readonly endedAt: string; readonly secondsAgo: number };
  /** The last that failed, while none has succeeded since. */
  readonly failure?: { readonly endedAt: string; readonly inARow: number; readonly why: string };
  /** The newest block that is known. */
  readonly head?: Head & { readonly ageSeconds: number };
}

/** Remembers how the rounds of a daemon ended. */
export class Health {
  rounds = 0;
  failedRounds = 0;
  private succeededAt: number | undefined;
  private failure: { readonly at: number; readonly inARow: number; readonly why: string } | undefined;

  constructor(private readonly options: HealthOptions) {}

  /** A round has ended. @param error why it failed; undefined if it did not. */
  note(error: unknown): void {
    const at = this.options.clock();
    if (error === undefined) {
      this.rounds++;
      this.succeededAt = at;
      this.failure = undefined;
      return;
    }
    this.failedRounds++;
    const why = printable(error instanceof Error ? error.message : String(error));
    this.failure = { at, inARow: (this.failure?.inARow ?? 0) + 1, why };
  }

  /** Seconds since the newest block; undefined before the first round. */
  get headAgeSeconds(): number | undefined {
    const head = this.options.head();
    return head && Math.max(0, Math.round(this.options.clock() / 1000 - head.timestamp));
  }

  report(): HealthReport {
    const { daemon, clock, head: readHead, silenceMilliseconds, maxHeadAgeSeconds } = this.options;
    const now = clock();
    const reasons: string[] = [];
    const secondsAgo = (at: number) => Math.max(0, Math.round((now - at) / 1000));
    if (this.succeededAt === undefined) reasons.push("no round has succeeded yet");
    else if (now - this.succeededAt > silenceMilliseconds) {
      reasons.push(`no round has succeeded for ${secondsAgo(this.succeededAt)} s`);
    }
    if (reasons.length > 0 && this.failure !== undefined) reasons.push(`the last one failed: ${this.failure.why}`);
    const head = readHead();
    const ageSeconds = this.headAgeSeconds;
    if (ageSeconds !== undefined && ageSeconds > maxHeadAgeSeconds) {
      reasons.push(`the newest block is ${ageSeconds} s old, more than ${maxHeadAgeSeconds} s`);
    }
    return {
      healthy: reasons.length === 0,
      daemon,
      reasons,
      rounds: this.rounds,
      failedRounds: this.failedRounds,
      ...(this.succeededAt !== undefined && {
        lastRound: { endedAt: iso(this.succeededAt), secondsAgo: secondsAgo(this.succeededAt) },
      }),
      ...(this.failure && {
        failure: { endedAt: iso(this.failure.at), inARow: this.failure.inARow, why: this.failure.why },
      }),
      ...(head && ageSeconds !== undefined && { head: { ...head, ageSeconds } }),
    };
  }
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
