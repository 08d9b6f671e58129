import type { ErrorCodeOf, NoDetails } from "../../core/errors.ts";

declare module "../../core/errors.ts" {
  interface ErrorDetails {
    /** The host cannot be reached, or cannot answer now. */
    "explorer/unreachable-fault": { readonly url: string; readonly why: string };
    /** An answer of the host is none of those that the page understands. */
    "explorer/bad-answer": { readonly url: string; readonly why: string };
    /** Two contents that were to be compared: one cannot be had, or it took too long. */
    "explorer/no-comparison": NoDetails;
    /** The host refused what was asked. */
    "explorer/refused": { readonly url: string; readonly why: string };
  }
}

export type PageErrorCode = ErrorCodeOf<"explorer">;
