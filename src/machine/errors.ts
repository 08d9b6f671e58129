import { AssayError } from "../core/errors.ts";

/** What this folder refuses. A trap of the program is none of these: it is a state of the machine. */
export type MachineErrorCode =
  /** The bytes shown do not hash to the root they are shown for. */
  | "machine/root-mismatch"
  | "machine/witness-too-short"
  | "machine/witness-too-long"
  /** A module that cannot run in the machine at all. */
  | "machine/unsupported-module"
  /** An active segment that does not fit: the engine would refuse to instantiate the module. */
  | "machine/segment-out-of-bounds"
  /** A module that runs, but whose native and stepped runs could part. */
  | "machine/not-claimable"
  /** Drives or arguments that do not fit the program. */
  | "machine/bad-input"
  /** A broken invariant of the machine itself. */
  | "machine/invariant";

export function machineError(
  code: MachineErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): AssayError<MachineErrorCode> {
  return new AssayError(code, message, details);
}
