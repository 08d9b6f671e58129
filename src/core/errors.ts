/**
 * What each error carries, by its code. A folder adds its codes to this in its `errors.ts`, by
 * `declare module "../core/errors.ts" { interface ErrorDetails { ... } }`.
 */
export interface ErrorDetails {
  "core/not-hex": { text: string };
  "core/wrong-length": { expected: number; given: number };
  /** No environment variable says where the user's cache is. */
  "core/no-cache-folder": NoDetails;
}

/** Of codes that say everything. */
export type NoDetails = Record<string, never>;

/** The code of an error: `<folder>/<fact>`. */
export type ErrorCode = keyof ErrorDetails;

/** The codes of one folder. */
export type ErrorCodeOf<Folder extends string> = ErrorCode & `${Folder}/${string}`;

/** Where an error may have one of several codes, its details have to suit all of them; nothing suits every code there is. */
type DetailsFor<Code extends ErrorCode> = ErrorCode extends Code
  ? never
  : { [One in Code]: (details: ErrorDetails[One]) => void }[Code] extends (details: infer Details) => void
    ? Readonly<Details>
    : never;

/** What follows the message: details where the code has some, and what the error was caused by. */
type Particulars<Code extends ErrorCode> =
  NoDetails extends DetailsFor<Code>
    ? [details?: DetailsFor<Code>, options?: { cause?: unknown }]
    : [details: DetailsFor<Code>, options?: { cause?: unknown }];

/**
 * The base of every error Assay raises on purpose. `code` is `<folder>/<fact>` (for example `wasm/malformed`) and is what
 * programs branch on; `details` holds the values the fact is about, as `ErrorDetails` has them for the code; `message` tells a
 * person what to do.
 *
 * Three kinds of failure never mix: a *trap* is a state of the machine and no error at all; a *malformed* proof, move or
 * input is an `AssayError`; a *host fault* (disk, RPC, memory) is an `AssayError` whose code ends in `-fault`, or whatever
 * the host threw, and never turns into a claim.
 */
export class AssayError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = "AssayError";
  readonly details: Readonly<ErrorDetails[Code]>;

  constructor(
    readonly code: Code,
    message: string,
    ...[details, options]: Particulars<Code>
  ) {
    super(message, options?.cause === undefined ? undefined : options);
    this.details = (details ?? {}) as Readonly<ErrorDetails[Code]>;
  }
}

/** An error of one of these codes, whose `details` follow from its `code`. */
export type AssayErrorOf<Code extends ErrorCode> = { [One in Code]: AssayError<One> }[Code];

/** Narrows an unknown caught value to an `AssayError`, optionally with one of the given codes. */
export function isAssayError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  ...codes: Code[]
): error is AssayErrorOf<Code> {
  return error instanceof AssayError && (codes.length === 0 || (codes as string[]).includes(error.code));
}
