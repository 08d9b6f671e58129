import { AssayError, type ErrorCodeOf } from "../core/errors.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    /** Text that is not what it should be: envelope, statement, bundle, key. */
    "attestation/malformed": { what: string; why: string };
    /** Larger than anything that is read. */
    "attestation/too-large": { size?: number; most: number };
    /** A key file that others than its owner may read or write; `mode` in octal. */
    "attestation/key-permissions": { file: string; mode: string };
    /** A file that should hold a public key. */
    "attestation/bad-public-key": { file: string };
    /** What sigstore's verifier needs is missing: the verifier itself, or a root that it trusts. */
    "attestation/no-sigstore": { file?: string };
    /** More signatures than are tried. */
    "attestation/too-many-signatures": { checks: number; bytes: number };
    /** A key file that cannot be opened with this password. */
    "attestation/wrong-password": { file: string };
    /** A source of attestations that does not answer, or not what it should. */
    "attestation/unreachable-fault": { url: string; why: string };
    /** No address of attestations. */
    "attestation/bad-address": { url: string };
  }
}

/** What can be wrong with attestations, and with where they are. */
export type AttestationErrorCode = ErrorCodeOf<"attestation">;

export function malformed(what: string, why: string, cause?: unknown): AssayError<"attestation/malformed"> {
  return new AssayError("attestation/malformed", `the ${what} is malformed: ${why}`, { what, why }, { cause });
}
