import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { isAssayError } from "../../core/errors.ts";
import { parseCargoLock } from "../cargoLock.ts";
import { malformedLock } from "../errors.ts";
import { type LockedPackage, mostLockCharacters } from "../lockedPackage.ts";
import { type Platform, parseNpmLock } from "../npmLock.ts";

/**
 * Reads the lock file of a package manager, which its name says: what it installs on this platform.
 * @throws AssayError `packages/bad-lock`
 */
export async function readLockFile(file: string): Promise<LockedPackage[]> {
  const npm = (text: string, name: string) => parseNpmLock(text, name, platformHere());
  const parse = { "package-lock.json": npm, "npm-shrinkwrap.json": npm, "Cargo.lock": parseCargoLock };
  const name = basename(file);
  if (!Object.hasOwn(parse, name)) throw malformedLock(file, `its name is none of ${Object.keys(parse).join(", ")}`);
  let text: string;
  try {
    const { size } = await stat(file);
    if (size > mostLockCharacters) throw malformedLock(file, `it has ${size} bytes, more than ${mostLockCharacters}`);
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw isAssayError(cause) ? cause : malformedLock(file, "it cannot be read", cause);
  }
  return parse[name as keyof typeof parse](text, file);
}

/** This system, as npm sees it. */
export function platformHere(): Platform {
  const { platform: os, arch: cpu, report } = process;
  if (os !== "linux") return { os, cpu };
  // A report of the network asks the system for it, and may ask name servers.
  Object.assign(report, { excludeNetwork: true });
  const { header } = report.getReport() as { readonly header?: { readonly glibcVersionRuntime?: string } };
  return { os, cpu, libc: header?.glibcVersionRuntime === undefined ? "musl" : "glibc" };
}
