import type { ErrorCodeOf, NoDetails } from "../core/errors.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    "demo/party-ended": NoDetails;
    "demo/no-sign": NoDetails;
    "demo/command-failed": NoDetails;
  }
}

/** Why a demo does not come to its end. */
export type DemoErrorCode = ErrorCodeOf<"demo">;
