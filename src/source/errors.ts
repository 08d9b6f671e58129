import type { ErrorCodeOf, NoDetails } from "../core/errors.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    // Trees
    "source/bad-name": { name: string };
    /** Of a file, in seconds since 1970, or the text that should say it. */
    "source/bad-time": { time: number | string };
    "source/bad-path": { path: string; component: string };
    "source/path-too-long": { path: string; length?: number; limit?: number };
    "source/duplicate-path": { path: string };
    "source/path-conflict": { path: string };
    "source/case-collision": { paths: readonly string[] };
    "source/link-out-of-tree": { path: string; target: string };
    "source/link-loop": { path: string };
    "source/bad-link": { path: string };
    "source/lfs-pointer": { path: string };
    "source/lfs-object": { sha256: string; path?: string };
    "source/lfs-fault": { url: string };
    "source/too-large": { size: number; capacity: number };
    "source/too-many-entries": { limit: number };
    // Drives
    "source/malformed-drive": { offset: number };
    // Locations
    "source/bad-location": { location: string };
    "source/bad-revision": { revision: string; path?: string } | { revisions: readonly string[] };
    "source/not-found": { path: string };
    // Directories
    "source/special-file": { path: string };
    "source/name-not-utf8": { path: string } | { prefix: string };
    "source/unreadable-fault": { path: string };
    "source/cache-fault": { cacheFolder: string };
    // Git
    "source/no-repository": { path: string };
    "source/submodule": { path: string };
    "source/bad-submodule": { path: string };
    "source/unknown-revision": { revision: string; commit?: string };
    "source/bad-object": { id: string; path?: string };
    "source/unsupported-mode": { tree: string; mode: string };
    "source/git-missing-fault": NoDetails;
    /** `status`: null when git was ended by a signal; `text`: what it said. */
    "source/git-fault": { status: number | null; text: string };
    "source/git-timeout-fault": { timeoutSeconds: number };
  }
}

/** Everything that can be wrong with a source; the message names the path and says what to do. */
export type SourceErrorCode = ErrorCodeOf<"source">;
