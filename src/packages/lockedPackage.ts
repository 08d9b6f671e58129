import { malformedLock } from "./errors.ts";

/** One package that a lock file pins. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** What the lock says of the archive that is installed; undefined if it says nothing by which it can be told from another. */
  readonly digest: ArchiveDigest | undefined;
  /** Why there is no digest. */
  readonly why?: string;
  /** Where the lock says that it is had, if it does. */
  readonly from?: string | undefined;
}

/** In lower-case hexadecimal. */
export interface ArchiveDigest {
  readonly algorithm: "sha256" | "sha512";
  readonly digest: string;
}

/** What is read of a lock file at most. Lock files of large projects have some ten thousand lines for each thousand packages. */
export const mostLockCharacters = 2 ** 26;
export const mostLockedPackages = 20_000;

/** Each package once, however often it is installed. @throws AssayError `packages/bad-lock` for more than are read. */
export function eachOnce(file: string, packages: Iterable<LockedPackage>): LockedPackage[] {
  const unique = new Map<string, LockedPackage>();
  for (const each of packages) {
    unique.set(JSON.stringify([each.name, each.version, each.digest ?? null]), each);
    if (unique.size > mostLockedPackages) throw malformedLock(file, `it has more than ${mostLockedPackages} packages`);
  }
  return [...unique.values()];
}
