import type { ChallengeRecord } from "../chain/records.ts";
import { AssayError } from "../core/errors.ts";
import type { Move } from "../protocol/moves.ts";
import type { Trace } from "../protocol/trace.ts";
import type { Withhold } from "./disputes.ts";
import type { AgentErrorCode } from "./errors.ts";

/**
 * What a solver does wrong on purpose. `memory`, `register`, `stack`, `global`: a bit of the state is flipped there, and the
 * run goes on from the changed state. `record`: the result record names another artifact at the end. `steps`: the tick is
 * opened with half its steps. `withhold`: from the challenger's move number `round` on rows and openings are not posted.
 * `silent`: no move at all from then on.
 */
export type InjectedFault =
  | {
      readonly kind: "memory" | "register" | "stack" | "global";
      /** Address, word of the registers, slot, or number of the global; undefined for the one that `docs/cli.md` names. */
      readonly index: number | undefined;
      readonly tick: number;
      readonly step: number;
    }
  | { readonly kind: "record" }
  | { readonly kind: "steps"; readonly tick: number }
  | { readonly kind: "withhold" | "silent"; readonly round: number };

/** Local chains have this id; nowhere else does anybody lose a bond for practice. */
export const localChainId = 31337n;

const forms =
  "memory|register|stack|global[/<index>]@<tick>[:<step>], record, steps@<tick>, withhold@<round>, silent@<round>";

/** Reads `<kind>[/<index>]@<tick>[:<step>]`. @throws AssayError `agents/bad-fault` */
export function parseFault(text: string): InjectedFault {
  const match = /^([a-z]+)(?:\/(\d{1,10}))?(?:@(\d{1,12})(?::(\d{1,12}))?)?$/.exec(text);
  const [, kind, index, at, step] = match ?? [];
  if (kind === "record" && at === undefined && index === undefined) return { kind };
  if (at !== undefined) {
    const number = Number(at);
    switch (kind) {
      case "memory":
      case "register":
      case "stack":
      case "global":
        return {
          kind,
          index: index === undefined ? undefined : Number(index),
          tick: number,
          step: step === undefined ? 1 : Math.max(1, Number(step)),
        };
      case "steps":
        if (step === undefined && index === undefined) return { kind, tick: number };
        break;
      case "withhold":
      case "silent":
        if (step === undefined && index === undefined) return { kind, round: number };
    }
  }
  throw new AssayError<AgentErrorCode>("agents/bad-fault", `${JSON.stringify(text)} is no fault; there are ${forms}`, {
    text,
  });
}

/** @throws AssayError `agents/fault-refused` on a chain that is not local. */
export function checkFaultsAllowed(chainId: bigint, faults: readonly InjectedFault[]): void {
  if (faults.length === 0 || chainId === localChainId) return;
  throw new AssayError<AgentErrorCode>(
    "agents/fault-refused",
    `faults are for local chains (id ${localChainId}) only, this is chain ${chainId}`,
    { chainId },
  );
}

/** Which moves the faults keep back. */
export function withholdFor(faults: readonly InjectedFault[]): Withhold {
  return (move: Move, challenge: ChallengeRecord) =>
    faults.some((fault) => {
      if (fault.kind === "silent") return challenge.selections >= fault.round;
      if (fault.kind !== "withhold" || challenge.selections < fault.round) return false;
      return move.kind === "postRow" || move.kind === "openTick" || move.kind === "concede";
    });
}

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
