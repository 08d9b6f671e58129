import { malformedLock } from "./errors.ts";
import { eachOnce, type LockedPackage } from "./lockedPackage.ts";

const registry = /^(registry|sparse)\+/;

/**
 * The packages that a `Cargo.lock` (version 3 or 4) pins. Those without a source are the project's own, and none. The file is what
 * Cargo writes, a small part of TOML: any other line is refused.
 * @param file its name, for errors. @throws AssayError `packages/bad-lock`
 */
export function parseCargoLock(text: string, file: string): LockedPackage[] {
  return eachOnce(file, packagesIn(text, file));
}

function* packagesIn(text: string, file: string): Iterable<LockedPackage> {
  let fields: Map<string, string> | undefined;
  /** Within a list over several lines. */
  let isListed = false;
  /** Within a table that says nothing of packages' contents: patches that are not used, metadata. */
  let isPassedOver = false;
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const refuse = (why: string) => malformedLock(file, `line ${i + 1} ${why}`);
    if (isListed) {
      if (/^ "[^"\\]*",?$/.test(line)) continue;
      if (line !== "]") throw refuse("is not what Cargo writes within a list");
      isListed = false;
    } else if (line === "" || line.startsWith("#")) {
      // Says nothing.
    } else if (/^\[/.test(line)) {
      if (!/^\[\[package\]\]$|^\[\[patch\.unused\]\]$|^\[metadata\]$/.test(line))
        throw refuse("begins a table that is not known");
      if (fields !== undefined) yield* packageOf(fields, file);
      isPassedOver = line !== "[[package]]";
      fields = isPassedOver ? undefined : new Map();
    } else if (/^(dependencies|features) = \[$/.test(line)) {
      isListed = true;
    } else {
      const found = /^([a-z_-]+) = (?:"([^"\\]*)"|(\d+)|\[\])$/.exec(line);
      if (found === null && !isPassedOver) throw refuse("is not what Cargo writes");
      const [, key, words, number] = found ?? [];
      if (fields === undefined && !isPassedOver && (key !== "version" || !/^[34]$/.test(number ?? "")))
        throw refuse("is before every package, and not version = 3 or 4");
      if (fields?.has(key!) === true) throw refuse(`says ${key} a second time`);
      fields?.set(key!, words ?? "");
    }
  }
  if (fields !== undefined) yield* packageOf(fields, file);
}

function* packageOf(fields: ReadonlyMap<string, string>, file: string): Iterable<LockedPackage> {
  const [name, version, source, checksum] = ["name", "version", "source", "checksum"].map((key) => fields.get(key));
  if (!name || !version) throw malformedLock(file, "a package has no name or no version");
  if (source === undefined && checksum === undefined) return;
  if (checksum === undefined) {
    const why = registry.test(source!) ? "the lock has no digest of it" : "it is no archive, but a repository";
    yield { name, version, from: source, digest: undefined, why };
    return;
  }
  if (!/^[0-9a-f]{64}$/.test(checksum)) throw malformedLock(file, `the checksum of ${name} ${version} is not a sha256`);
  yield { name, version, from: source, digest: { algorithm: "sha256", digest: checksum } };
}
