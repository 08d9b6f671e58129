import { malformedLock } from "./errors.ts";

/** An archive that apt is about to install. */
export interface AptPackage {
  readonly name: string;
  readonly version: string;
  /** Where it is. */
  readonly file: string;
}

/** What is read of apt's list at most. Its configuration, which comes first, has some hundred lines. */
export const mostAptCharacters = 2 ** 24;

/**
 * The archives in what apt tells a command of `DPkg::Pre-Install-Pkgs`, in any of its protocol's versions: 1 has their paths, one a
 * line; 2 and 3 its configuration, an empty line, and what it does with each package.
 * @throws AssayError `packages/bad-lock`
 */
export function parseAptList(text: string): AptPackage[] {
  const refuse = (why: string) => malformedLock("apt's list of packages", why);
  if (text.length > mostAptCharacters) throw refuse(`it has more than ${mostAptCharacters} characters`);
  if (text !== "" && !text.endsWith("\n")) throw refuse("it ends within a line");
  const lines = text.split("\n").slice(0, -1);
  const found = /^VERSION (.*)$/.exec(lines[0] ?? "");
  if (found === null) {
    return lines.map((file) => {
      if (!file.startsWith("/")) throw refuse(`${JSON.stringify(file)} is not a path`);
      const [, name = file, version = ""] = /([^/_]+)_([^/_]+)_[^/]*$/.exec(file) ?? [];
      return { name, version, file };
    });
  }
  const columns = { 2: /^(\S+) (\S+) ([<=>]) (\S+) (.+)$/, 3: /^(\S+) (\S+ \S+ \S+) ([<=>]) (\S+) \S+ \S+ (.+)$/ };
  const version = found[1]!;
  if (!Object.hasOwn(columns, version)) throw refuse(`its version is ${JSON.stringify(version)}, and not 1, 2 or 3`);
  const end = lines.indexOf("");
  if (end === -1) throw refuse("its configuration has no end");
  return lines.slice(end + 1).flatMap((line) => {
    const action = columns[version as unknown as 2 | 3].exec(line);
    if (action === null) throw refuse(`${JSON.stringify(line)} is not what is done with a package`);
    const [, name, , , own, file] = action;
    if (/^\*\*[A-Z]+\*\*$/.test(file!)) return [];
    if (!file!.startsWith("/")) throw refuse(`${JSON.stringify(file)} is not a path`);
    return [{ name: name!, version: own!, file: file! }];
  });
}
