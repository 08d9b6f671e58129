import { AssayError } from "../core/errors.ts";

/** Everything that can be wrong with a source; the message names the path and says what to do. */
export type SourceErrorCode =
  // Trees
  | "source/bad-name"
  | "source/bad-time"
  | "source/bad-path"
  | "source/path-too-long"
  | "source/duplicate-path"
  | "source/path-conflict"
  | "source/case-collision"
  | "source/link-out-of-tree"
  | "source/link-loop"
  | "source/bad-link"
  | "source/lfs-pointer"
  | "source/too-large"
  | "source/too-many-entries"
  // Drives
  | "source/malformed-drive"
  // Locations
  | "source/bad-location"
  | "source/bad-revision"
  | "source/not-found"
  // Directories
  | "source/special-file"
  | "source/name-not-utf8"
  | "source/unreadable-fault"
  | "source/cache-fault"
  // Git
  | "source/submodule"
  | "source/unknown-revision"
  | "source/bad-object"
  | "source/unsupported-mode"
  | "source/git-missing-fault"
  | "source/git-fault"
  | "source/git-timeout-fault";

/** Shorthand that keeps the code's type closed. */
export function sourceError(
  code: SourceErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): AssayError<SourceErrorCode> {
  return new AssayError<SourceErrorCode>(code, message, details, cause === undefined ? undefined : { cause });
}
