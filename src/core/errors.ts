/**
 * The base of every error Assay raises on purpose. `code` is `<folder>/<fact>` (for example `wasm/malformed`) and is what
 * programs branch on; `details` holds the values the fact is about; `message` tells a person what to do. Each folder
 * declares the closed union of its own codes.
 *
 * Three kinds of failure never mix: a *trap* is a state of the machine and no error at all; a *malformed* proof, move or
 * input is an `AssayError`; a *host fault* (disk, RPC, memory) is an `AssayError` whose code ends in `-fault`, or whatever
 * the host threw, and never turns into a claim.
 */
export class AssayError<Code extends string = string> extends Error {
  override readonly name = "AssayError";

  constructor(
    readonly code: Code,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** Narrows an unknown caught value to an `AssayError`, optionally with one of the given codes. */
export function isAssayError<Code extends string>(error: unknown, ...codes: Code[]): error is AssayError<Code> {
  return error instanceof AssayError && (codes.length === 0 || (codes as string[]).includes(error.code));
}
