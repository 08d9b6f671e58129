import type { ErrorCodeOf, NoDetails } from "../core/errors.ts";
import type { ClaimRule } from "./claimable.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    /** The bytes shown do not hash to the root they are shown for. */
    "machine/root-mismatch": { expected: string; given: string };
    "machine/witness-too-short": { needed: number; given: number };
    "machine/witness-too-long": { used: number; given: number };
    /** A module that cannot run in the machine at all; `offset` is the byte of the module at which it shows. */
    "machine/unsupported-module": {
      offset?: number;
      /** How many there are of what there may not be so many of. */
      count?: number;
      entries?: number;
      /** A distance on the stack, in slots. */
      a?: number;
      opcode?: number;
      instruction?: string;
      /** Of an import. */
      kind?: string;
      module?: string;
      name?: string;
      /** Of a value. */
      type?: string;
    };
    /** An active segment that does not fit: the engine would refuse to instantiate the module. */
    "machine/segment-out-of-bounds": { offset: number; first: number; length: number };
    /** A module that runs, but whose native and stepped runs could part. */
    "machine/not-claimable": {
      rule: ClaimRule;
      /** Byte of the module at which it shows. */
      offset?: number;
      /** Pages of the memory. */
      minimum?: number;
      maximum?: number | undefined;
      /** At which data segments overlap. */
      address?: number;
      /** That call each other. */
      functions?: readonly string[];
      /** Of the stack: needed, and there. */
      slots?: number;
      limit?: number;
    };
    /** Drives or arguments that do not fit the program. */
    "machine/bad-input":
      | { address: number; log2Size: number; length: number }
      | { expected: number; given: number }
      | { index: number };
    /** A thread that hashes died: out of memory, for example. */
    "machine/worker-fault": NoDetails;
    /** A broken invariant of the machine itself. */
    "machine/invariant": { tree: string; leaf: number };
  }
}

/** What this folder refuses. A trap of the program is none of these: it is a state of the machine. */
export type MachineErrorCode = ErrorCodeOf<"machine">;
