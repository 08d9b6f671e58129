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
    // Images in the making
    /** A tree of files, or what it comes from, is none that an image can be made of. */
    "guest/bad-tree": { path?: string; package?: string; other?: string };
    "guest/bad-lock": { file?: string };
    /** A package is nowhere with the bytes that its lock names. */
    "guest/package-missing": { name: string; version: string; path: string };
    /** Packages that apt finds no way to have together, or does not know. */
    "guest/unresolved": { packages: readonly string[] };
    /** A program of the host that is missing or has failed. */
    "guest/tool-failed": { program: string; status?: number | null };
    /** Other bytes came out than the lock names. */
    "guest/other-bytes": { name: string; expected: string; given: string };
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
