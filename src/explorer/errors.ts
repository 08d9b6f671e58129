import type { ErrorCodeOf, NoDetails } from "../core/errors.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    /** A question that cannot be answered as it was put. */
    "explorer/bad-question": NoDetails;
    "explorer/port-fault": { host: string; port: number; code: string | undefined };
  }
}

/** What can go wrong with the explorer's index and server. */
export type ExplorerErrorCode = ErrorCodeOf<"explorer">;
