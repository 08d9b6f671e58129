import type { SessionClient } from "../machine/native/sessionClient.ts";
import type { Trace } from "../protocol/trace.ts";

/**
 * A build's trace as machine sessions compute it. A session by itself is a trace already; this one borrows a session for each
 * question. @param use calls with a session that is open as long as it is used.
 */
export function traceOf(use: <T>(ask: (session: SessionClient) => Promise<T>) => Promise<T>): Trace {
  return {
    tickRoots: async (ticks) => await use(async (session) => await session.tickRoots(ticks)),
    openTick: async (tick) => await use(async (session) => await session.openTick(tick)),
    stepRoots: async (tick, steps) => await use(async (session) => await session.stepRoots(tick, steps)),
    stepWitness: async (tick, step) => await use(async (session) => await session.stepWitness(tick, step)),
  };
}
