import { setTimeout as sleep } from "node:timers/promises";
import type { InteractiveGuest } from "../guest/interactiveGuest.ts";

/** Events of a tick while the guest works: about a millisecond, so that a key is noticed at once. */
const busyEvents = 2 ** 17;
/** Events of a tick while the guest waits: some hundredths of a second on its clock. */
const idleEvents = 2 ** 13;
/** How long the guest runs before the terminal is looked after, in milliseconds. */
const sliceMilliseconds = 8;
/** A waiting guest may be so far ahead of the clock on the wall, in seconds. */
const slackSeconds = 0.02;
/** After the end of a pipe: a guest that has waited so long, on its clock, is told that there is no more input. */
const patienceSeconds = 1;
const endOfInput = Uint8Array.of(4);

/** What is needed of a guest. */
export type ConsoleGuest = Pick<InteractiveGuest, "ended" | "seconds" | "hasInput" | "run" | "output" | "type">;

/** The other side of the guest's console. */
export interface ConsoleHost {
  /** Bytes to type next, empty when there are none for now; undefined when there will be none any more. */
  read(): Uint8Array | undefined;
  /** Resolves when there is something to read. */
  readable(signal: AbortSignal): Promise<void>;
  write(bytes: Uint8Array): Promise<void>;
  /** Whether the user has left. */
  readonly left: boolean;
}

/**
 * Runs a guest until it ends or the user leaves. While the guest waits for something, its clock is held back to the one on
 * the wall, and this process sleeps; typing lets the guest's clock run ahead, by two seconds at most.
 */
export async function runConsole(guest: ConsoleGuest, host: ConsoleHost): Promise<void> {
  let typed: Uint8Array = new Uint8Array(0);
  let more = true;
  /** Seconds by which the guest's clock is ahead. */
  let ahead = 0;
  /** Seconds on the guest's clock since it last had something to do, once there is no more input. */
  let waited = 0;
  while (!guest.ended && !host.left) {
    const before = ahead;
    const started = performance.now();
    const began = guest.seconds;
    do {
      if (typed.length === 0 && more) {
        const next = host.read();
        more = next !== undefined;
        typed = next ?? typed;
      }
      if (typed.length === 0 && !more && !guest.hasInput && waited > patienceSeconds) {
        typed = endOfInput;
        waited = 0;
      }
      typed = typed.subarray(guest.type(typed));
      guest.run(ahead > 0 ? idleEvents : busyEvents);
      const passed = (performance.now() - started) / 1000;
      ahead = guest.hasInput || typed.length > 0 ? 0 : Math.max(0, before + guest.seconds - began - passed);
    } while (!guest.ended && ahead <= slackSeconds && performance.now() - started < sliceMilliseconds);
    await host.write(guest.output());
    if (more) {
      const slept = ahead > slackSeconds ? await waitForInput(host, ahead) : await sleep(0, 0);
      ahead = Math.max(0, ahead - slept);
    } else {
      waited = ahead > 0 ? waited + guest.seconds - began : 0;
      ahead = Math.min(ahead, slackSeconds);
      await sleep(0);
    }
  }
}

/** Waits so long, or until there is input. Returns the seconds that have passed. */
async function waitForInput(host: ConsoleHost, seconds: number): Promise<number> {
  const started = performance.now();
  const waiting = new AbortController();
  const { signal } = waiting;
  const timer = sleep(1000 * seconds, undefined, { signal }).catch(() => {});
  await Promise.race([timer, host.readable(signal)]);
  waiting.abort();
  return (performance.now() - started) / 1000;
}
