import { isAssayError } from "../core/errors.ts";
import type { Log } from "./log.ts";

/** What a daemon could not do; a daemon that ends with any of them exits with another status than 0. */
export interface Duties {
  /** Deadlines that passed although it was this daemon's turn. */
  missedDeadlines: number;
  /** Claims that should have been checked and could not be. */
  uncheckedClaims: number;
}

/** What a round came to. `waiting`: nothing to do now, but something of our own is under way. */
export type Round = "acted" | "waiting" | "idle";

export interface LoopOptions {
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly pollMilliseconds: number;
  /** Ends after the first round that left nothing to do. */
  readonly untilIdle: boolean;
}

/**
 * Calls `round` again and again until the signal. A round that fails is tried again later; the pause grows to a minute while
 * failures go on. Whatever stands in the way of a daemon's whole work (another chain, no key) must be checked before.
 * @param round does all that can be done now; after one that acted the next follows at once.
 */
export async function runLoop(options: LoopOptions, round: () => Promise<Round>): Promise<void> {
  const { log, signal, pollMilliseconds, untilIdle } = options;
  let failures = 0;
  while (!signal.aborted) {
    let outcome: Round = "waiting";
    try {
      outcome = await round();
      if (failures > 0) log.info({ failures }, "works again");
      failures = 0;
      if (outcome === "idle" && untilIdle) return;
    } catch (error) {
      if (signal.aborted) return;
      failures++;
      const code = isAssayError(error) ? error.code : undefined;
      const why = error instanceof Error ? error.message : String(error);
      log.warn({ code, failures, why, ...(code === undefined && { stack: stackOf(error) }) }, "a round failed");
    }
    if (outcome !== "acted") await pause(Math.min(60_000, pollMilliseconds * 2 ** Math.min(failures, 10)), signal);
  }
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}

/** Waits, or returns at once when the signal comes. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
  });
}

/** A signal that fires on SIGINT and SIGTERM; the second one ends the process at once. */
export function signalOfProcess(log: Log): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(130);
      log.info({ signal: name }, "stopping");
      controller.abort();
    });
  }
  return controller.signal;
}
