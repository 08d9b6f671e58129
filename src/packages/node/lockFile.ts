import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { isAssayError } from "../../core/errors.ts";
import { parseCargoLock } from "../cargoLock.ts";
import { malformedLock } from "../errors.ts";
import { type LockedPackage, mostLockCharacters } from "../lockedPackage.ts";
import { parseNpmLock } from "../npmLock.ts";

/** Reads the lock file of a package manager, which its name says. @throws AssayError `packages/bad-lock` */
export async function readLockFile(file: string): Promise<LockedPackage[]> {
  const parse = {
    "package-lock.json": parseNpmLock,
    "npm-shrinkwrap.json": parseNpmLock,
    "Cargo.lock": parseCargoLock,
  };
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
