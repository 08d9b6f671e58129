import type { Root } from "../core/bytes.ts";
import type { ErrorCodeOf } from "../core/errors.ts";
import type { Result } from "./results.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    /** A policy that is malformed, or can never hold. */
    "client/bad-policy": { file: string };
    "client/bad-publication": { locator: string };
    /** `result` is what there was when the time was over. */
    "client/timeout": { buildId: Root; result: Result };
  }
}

/** What a client refuses. */
export type ClientErrorCode = ErrorCodeOf<"client">;
