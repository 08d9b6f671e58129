import type { Environment } from "../../environment/environment.ts";
import type { Fault } from "../../machine/native/fault.ts";
import type { Runner } from "../builds.ts";
import type { Withhold } from "../disputes.ts";
import { faultyTrace } from "./faultyTrace.ts";
import { checkFaultsAllowed, type InjectedFault } from "./injectedFault.ts";
import { machineFault } from "./machineFault.ts";

/** Where faults get into a daemon: the machine that runs its builds, what it tells of them, the moves that it keeps back. */
export interface Injection {
  machineFault(environment: Environment, input: Uint8Array): Fault | undefined;
  /** The same runner, whose builds are told as the faults want it. */
  faulty(runner: Runner): Runner;
  readonly withhold: Withhold;
}

/** @throws AssayError `agents/fault-refused` where there are faults and the chain is not local. */
export function injectionOf(faults: readonly InjectedFault[], chainId: bigint): Injection {
  checkFaultsAllowed(chainId, faults);
  return {
    machineFault: (environment, input) => machineFault(faults, environment, input),
    faulty: (runner) => ({
      ...runner,
      async run(...build) {
        const finished = await runner.run(...build);
        return { ...finished, trace: faultyTrace(finished.trace, faults) };
      },
    }),
    withhold: (move, challenge) =>
      faults.some((fault) => {
        if (fault.kind === "silent") return challenge.selections >= fault.round;
        if (fault.kind !== "withhold" || challenge.selections < fault.round) return false;
        return move.kind === "postRow" || move.kind === "openTick" || move.kind === "concede";
      }),
  };
}
