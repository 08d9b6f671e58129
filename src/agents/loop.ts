import { isAssayError } from "../core/errors.ts";
import type { Log } from "./log.ts";
import type { Wakeup } from "./wakeup.ts";

export interface LoopOptions {
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly pollMilliseconds: number;
  readonly wakeup: Wakeup;
  /** Where given: ends the loop when it says, after a round, that there is nothing left to do. */
  readonly isIdle?: () => Promise<boolean>;
  /** Called at the end of each round, with the error if it failed. */
  readonly onRound?: (error?: unknown) => void;
}

/**
 * Calls `round` again and again until the signal: at each wake-up, and at each poll. A round that fails is tried again later; the
 * pause grows to a minute while failures go on, and no hint shortens it. Whatever stands in the way of a daemon's whole work
 * (another chain, no key) must be checked before.
 */
export async function runLoop(options: LoopOptions, round: () => Promise<void>): Promise<void> {
  const { log, signal, pollMilliseconds, wakeup, isIdle, onRound } = options;
  let failures = 0;
  while (!signal.aborted) {
    try {
      await round();
      if (failures > 0) log.info({ failures }, "works again");
      failures = 0;
      onRound?.();
      if (isIdle !== undefined && (await isIdle())) return;
    } catch (error) {
      if (signal.aborted) return;
      failures++;
      onRound?.(error);
      const code = isAssayError(error) ? error.code : undefined;
      const why = error instanceof Error ? error.message : String(error);
      log.warn({ code, failures, why, ...(code === undefined && { stack: stackOf(error) }) }, "a round failed");
    }
    await wakeup.sleep(Math.min(60_000, pollMilliseconds * 2 ** Math.min(failures, 10)), signal, failures === 0);
  }
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
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
