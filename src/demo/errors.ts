import { AssayError } from "../core/errors.ts";

/** Why a story does not come to its end. */
export type DemoErrorCode = "demo/party-ended" | "demo/no-sign" | "demo/command-failed";

/** An `AssayError` of this folder. */
export function demoError(code: DemoErrorCode, message: string): AssayError<DemoErrorCode> {
  return new AssayError(code, message);
}
