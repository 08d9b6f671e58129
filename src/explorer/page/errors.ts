import type { ErrorCodeOf } from "../../core/errors.ts";

declare module "../../core/errors.ts" {
  interface ErrorDetails {
    /** The host cannot be reached, or cannot answer now. */
    "explorer/unreachable-fault": { readonly url: string; readonly why: string };
    /** An answer of the host is none of those that the page understands. */
    "explorer/bad-answer": { readonly url: string; readonly why: string };
    /** The host refused what was asked. */
    "explorer/refused": { readonly url: string; readonly why: string };
  }
}

export type PageErrorCode = ErrorCodeOf<"explorer">;
