/** A session as its user sees it, wherever it runs. */
import type { Root } from "../../core/bytes.ts";
import type { CompletedRun, LongestTick, MachineSession, Progress, ResultProofs, RunOptions } from "./session.ts";
import type { MemoryRange, OpenedTick, StepState } from "./tickSteps.ts";

/** The methods of `MachineSession`, one after the other in the order of the calls. */
export interface SessionClient {
  startRoot(): Promise<Root>;
  run(options: RunOptions, progress?: (progress: Progress) => void): Promise<CompletedRun>;
  tickRoots(ticks: readonly number[]): Promise<Root[]>;
  openTick(tick: number): Promise<OpenedTick>;
  stepRoots(tick: number, steps: readonly number[]): Promise<Root[]>;
  stepWitness(tick: number, step: number): Promise<Uint8Array>;
  lookAtStep(tick: number, step: number, ranges: readonly MemoryRange[]): Promise<StepState>;
  resultProofs(): Promise<ResultProofs>;
  executionSecret(): Promise<Uint8Array>;
  readFinalMemory(address: number, length: number): Promise<Uint8Array>;
  spotCheck(ticks: readonly number[]): Promise<void>;
  rerunPrefix(): Promise<void>;
  longestTick(): Promise<LongestTick>;
}

/** A session in the caller's own thread, for small programs and tests: nothing can interrupt it. */
export function sessionInThread(session: MachineSession): SessionClient {
  return {
    startRoot: async () => session.startRoot(),
    run: async (options, progress) => session.run(options, progress),
    tickRoots: async (ticks) => session.tickRoots(ticks),
    openTick: async (tick) => session.openTick(tick),
    stepRoots: async (tick, steps) => session.stepRoots(tick, steps),
    stepWitness: async (tick, step) => session.stepWitness(tick, step),
    lookAtStep: async (tick, step, ranges) => session.lookAtStep(tick, step, ranges),
    resultProofs: async () => session.resultProofs(),
    executionSecret: async () => session.executionSecret(),
    readFinalMemory: async (address, length) => session.readFinalMemory(address, length),
    spotCheck: async (ticks) => session.spotCheck(ticks),
    rerunPrefix: async () => session.rerunPrefix(),
    longestTick: async () => session.longestTick(),
  };
}
