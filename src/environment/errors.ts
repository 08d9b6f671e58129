import { AssayError } from "../core/errors.ts";

/** What can be wrong with an environment. */
export type EnvironmentErrorCode =
  /** It is malformed, or contradicts itself. */
  | "environment/bad-environment"
  /** An input does not fit into its drive. */
  | "environment/too-large"
  /** There is none of this name or id here. */
  | "environment/unknown"
  /** A command for an environment that runs none, or none for one that does. */
  | "environment/bad-build"
  /** The machine does not start in the state that the environment promises. */
  | "environment/other-start"
  /** The program says of its artifact what it is not. */
  | "environment/other-artifact";

/** Shorthand that keeps the code's type closed. */
export function environmentError(
  code: EnvironmentErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): AssayError<EnvironmentErrorCode> {
  return new AssayError<EnvironmentErrorCode>(code, message, details, cause === undefined ? undefined : { cause });
}
