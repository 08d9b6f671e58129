import type { Root } from "../../../core/bytes.ts";
import type { ErrorCodeOf, NoDetails } from "../../../core/errors.ts";

declare module "../../../core/errors.ts" {
  interface ErrorDetails {
    /** A claim's own publication names another build than the claim is about. */
    "verify/other-build": { expected: Root; given: Root };
    /** What a publication asks for is more than a tab is given. */
    "verify/too-large": { what: string; given: number; limit: number };
    /** No store says what the environment is made of, or nothing that leads to its id. */
    "verify/unknown-environment": { id: Root };
    /** A file of the page's own host that is missing, or is another one than the page was built with. */
    "verify/other-file": { name: string };
    /** The page's storage cannot be used. */
    "verify/no-storage-fault": NoDetails;
    /** The wallet refused, or is of another chain. */
    "verify/wallet": { reason: string };
    /** A request to the worker failed with an error that is not an `AssayError`. */
    "verify/worker-fault": NoDetails;
  }
}

/** What can keep a tab from verifying a claim. */
export type VerifyErrorCode = ErrorCodeOf<"verify">;
