import type { ErrorCodeOf, NoDetails } from "../../core/errors.ts";
import type { Snapshot } from "./snapshot.ts";

declare module "../../core/errors.ts" {
  interface ErrorDetails {
    /** A tick or step that the run does not have, or a range that cannot be. */
    "native/bad-position": { tick?: number; step?: number; address?: number; length?: number };
    /** The engine and the interpreter, or two runs of the engine, do not agree: nothing may be claimed. */
    "native/engine-disagrees": { tick: number };
    /** A region of memory that the machine does not have. */
    "native/bad-region": { address: number; size: number };
    /** A page has changed that the environment says no program writes to: nothing may be claimed. */
    "native/fixed-region-changed": { address: number };
    /** The engine that was asked for does not run this program. */
    "native/unsupported": { name: string };
    /** A tick takes more steps than the limit, 2^log2. */
    "native/tick-too-long": { tick: number; log2: number };
    /** Nothing happened for longer than the watchdog's limit: a tick that does not end. */
    "native/tick-timeout": { tickSeconds: number };
    "native/aborted": NoDetails;
    /** A stored snapshot is cut off or altered. The snapshot itself stays in the thread that found it. */
    "native/corrupt-snapshot": { name?: string; tick?: number; snapshot?: Snapshot };
    /** The snapshots' store cannot be read or written; `code` is the system's. */
    "native/storage-fault": { code: string | undefined };
    /** The worker thread died: out of memory, for example. */
    "native/worker-fault": NoDetails;
  }
}

export type NativeErrorCode = ErrorCodeOf<"native">;
