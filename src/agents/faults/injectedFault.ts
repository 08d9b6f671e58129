import { AssayError } from "../../core/errors.ts";

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
  throw new AssayError("agents/bad-fault", `${JSON.stringify(text)} is not a fault; there are ${forms}`, { text });
}

/** @throws AssayError `agents/fault-refused` on a chain that is not local. */
export function checkFaultsAllowed(chainId: bigint, faults: readonly InjectedFault[]): void {
  if (faults.length === 0 || chainId === localChainId) return;
  throw new AssayError(
    "agents/fault-refused",
    `faults are for local chains (id ${localChainId}) only, this is chain ${chainId}`,
    { chainId },
  );
}
