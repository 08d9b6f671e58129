import { AssayError, type ErrorCodeOf } from "../core/errors.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    /** A lock file, or a list of packages, that cannot be read, or is not what a package manager writes. */
    "packages/bad-lock": { file: string };
  }
}

/** What is wrong with lists of packages. */
export type PackagesErrorCode = ErrorCodeOf<"packages">;

export function malformedLock(file: string, why: string, cause?: unknown): AssayError<"packages/bad-lock"> {
  return new AssayError("packages/bad-lock", `${file}: ${why}`, { file }, { cause });
}
