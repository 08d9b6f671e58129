import { AssayError } from "../core/errors.ts";

/** What can be wrong with a deployment, beside what is wrong on the way to the chain (`chain/...`). */
export type DeploymentErrorCode =
  | "deployment/bad-parameters"
  | "deployment/bad-record"
  | "deployment/other-record"
  | "deployment/other-account"
  | "deployment/evm-lacks"
  | "deployment/not-kept"
  | "deployment/failed";

/** An `AssayError` of this folder. */
export function deploymentError(
  code: DeploymentErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): AssayError<DeploymentErrorCode> {
  return new AssayError(code, message, details, { cause });
}
