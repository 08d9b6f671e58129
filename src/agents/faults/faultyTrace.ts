import type { Trace } from "../../protocol/trace.ts";
import type { InjectedFault } from "./injectedFault.ts";

/** The trace as the faults make its owner tell it: openings with half the steps. */
export function faultyTrace(trace: Trace, faults: readonly InjectedFault[]): Trace {
  const shortened = new Set(faults.flatMap((fault) => (fault.kind === "steps" ? [fault.tick] : [])));
  if (shortened.size === 0) return trace;
  const told = async (tick: number) => Math.max(0, (await trace.openTick(tick)).log2Steps - 1);
  return {
    tickRoots: async (ticks) => await trace.tickRoots(ticks),
    async openTick(tick) {
      const opening = await trace.openTick(tick);
      return shortened.has(tick) ? { ...opening, log2Steps: await told(tick) } : opening;
    },
    async stepRoots(tick, steps) {
      if (!shortened.has(tick)) return await trace.stepRoots(tick, steps);
      const length = 2 ** (await told(tick));
      const roots = await trace.stepRoots(tick, steps);
      const [end] = await trace.tickRoots([tick + 1]);
      return roots.map((root, i) => (steps[i]! >= length ? end! : root));
    },
    stepWitness: async (tick, step) => await trace.stepWitness(tick, step),
  };
}
