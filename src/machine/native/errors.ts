import { AssayError } from "../../core/errors.ts";

export type NativeErrorCode =
  /** A tick or step that the run does not have, or a range that cannot be. */
  | "native/bad-position"
  /** The engine and the interpreter, or two runs of the engine, do not agree: nothing may be claimed. */
  | "native/engine-disagrees"
  /** The engine that was asked for does not run this program. */
  | "native/unsupported"
  /** A tick takes more steps than the limit. */
  | "native/tick-too-long"
  /** Nothing happened for longer than the watchdog's limit: a tick that does not end. */
  | "native/tick-timeout"
  | "native/aborted"
  /** A stored snapshot is cut off or altered. */
  | "native/corrupt-snapshot"
  /** The snapshots' store cannot be read or written. */
  | "native/storage-fault"
  /** The worker thread died: out of memory, for example. */
  | "native/worker-fault";

export function nativeError(
  code: NativeErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
  options?: { cause?: unknown },
): AssayError<NativeErrorCode> {
  return new AssayError(code, message, details, options);
}
