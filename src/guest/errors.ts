import type { ErrorCodeOf, NoDetails } from "../core/errors.ts";
import type { LayoutRequest } from "./layout.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    // Environments
    "guest/bad-layout":
      | (Partial<LayoutRequest> & { guestSize?: number; limit?: number })
      | { expected: number; given: number };
    "guest/bad-manifest": NoDetails;
    "guest/other-environment": { name?: string; expected?: string; given?: string; program?: string };
    /** An image has another size or hash than the environment says. */
    "guest/bad-image": { name: string; expected: number | string; given?: number | string; file?: string };
    "guest/image-missing": { name: string; file: string };
    "guest/bad-archive": { fact: string };
    /** Stores know several environments by this name. */
    "guest/ambiguous-name": { name: string; ids: readonly string[] };
    /** No store knows the environment. */
    "guest/not-found": { id: string; asked: readonly string[]; folder: string };
    // Build descriptions
    "guest/bad-description": NoDetails;
    "guest/description-too-long": { given: number; limit: number };
    "guest/source-too-large": { given: number; limit: number };
    "guest/malformed-input": NoDetails;
    // Results
    "guest/bad-outputs": NoDetails;
  }
}

/** Everything that can be wrong with an environment, its images or a build description. */
export type GuestErrorCode = ErrorCodeOf<"guest">;
