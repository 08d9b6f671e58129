import type { ErrorCodeOf, NoDetails } from "../core/errors.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    /** An entry that no image can hold; `path` as people read it. */
    "erofs/bad-entry": { path: string };
    "erofs/duplicate-path": { path: string };
    /** A file in the place of a folder. */
    "erofs/path-conflict": { path: string };
    "erofs/too-many-entries": { limit: number };
    "erofs/too-large": { size: number };
    "erofs/bad-time": { time: number };
    /** A content that does not have the size it was planned with. */
    "erofs/other-size": { path: string; expected: number; given: number };
    // Reading
    "erofs/malformed": { offset: number };
    "erofs/not-canonical": NoDetails;
  }
}

/** What can be wrong with an image or with what one is made of. */
export type ErofsErrorCode = ErrorCodeOf<"erofs">;
