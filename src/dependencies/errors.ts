import { AssayError, type ErrorCodeOf } from "../core/errors.ts";

declare module "../core/errors.ts" {
  interface ErrorDetails {
    /** A project's lock, or the one of dependencies, pins something that cannot be taken, or cannot be read. */
    "dependencies/bad-lock": { file: string };
    /** The lock of dependencies is of other lock files than the project has. */
    "dependencies/stale-lock": { file: string };
    /** A content is not what a lock says; `expected` as `sha512:` and its digest, for example. */
    "dependencies/other-content": { entry: string; expected: string; given: string };
    /** An archive that hashes as it should, and cannot be unpacked as its kind is. */
    "dependencies/bad-archive": { entry: string };
    "dependencies/too-large": { given: number; most: number };
    /** What was assembled is not the image that the lock names. */
    "dependencies/other-image": { expected: string; given: string };
    /** An address that is not asked, and why. */
    "dependencies/bad-address": { url: string };
    /** Nobody brought a content. */
    "dependencies/not-found": { entry: string; whys: readonly string[] };
    "dependencies/unreachable-fault": { entry: string; whys: readonly string[] };
  }
}

/** What can be wrong with locked dependencies. */
export type DependenciesErrorCode = ErrorCodeOf<"dependencies">;

/** @param why as the end of a sentence. */
export function badLock(file: string, why: string, cause?: unknown): AssayError<"dependencies/bad-lock"> {
  return new AssayError("dependencies/bad-lock", `${file}: ${why}`, { file }, { cause });
}

export function badArchive(entry: string, why: string, cause?: unknown): AssayError<"dependencies/bad-archive"> {
  return new AssayError("dependencies/bad-archive", `the archive of ${entry} ${why}`, { entry }, { cause });
}

/** @throws AssayError `dependencies/too-large` @param what as the beginning of a sentence. */
export function checkAmount(what: string, given: number, most: number): void {
  if (given <= most) return;
  throw new AssayError("dependencies/too-large", `${what}: ${given}, and at most ${most}`, { given, most });
}
