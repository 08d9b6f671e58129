import { AssayError } from "../core/errors.ts";

/** The closed union of this folder's error codes. */
export type AttestationErrorCode =
  /** Text that is not what it should be: envelope, statement, bundle, key. */
  | "attestation/malformed"
  /** Larger than anything that is read. */
  | "attestation/too-large"
  /** No signature of a key that was asked for is right. */
  | "attestation/bad-signature"
  /** A key file that cannot be opened with this password. */
  | "attestation/wrong-password"
  /** A source of attestations that does not answer, or not what it should. */
  | "attestation/unreachable-fault";

export function attestationError(
  code: AttestationErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): AssayError<AttestationErrorCode> {
  return new AssayError<AttestationErrorCode>(code, message, details, cause === undefined ? undefined : { cause });
}

export function malformed(what: string, why: string, cause?: unknown): AssayError<AttestationErrorCode> {
  return attestationError("attestation/malformed", `the ${what} is malformed: ${why}`, { what, why }, cause);
}
