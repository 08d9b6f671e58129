import { cargo } from "./cargo.ts";
import { debian } from "./debian.ts";
import type { Ecosystem } from "./ecosystem.ts";
import type { DependencyKind, Wanted } from "./entry.ts";
import { badLock } from "./errors.ts";
import { go } from "./go.ts";
import { nix } from "./nix.ts";
import { npm } from "./npm.ts";
import { python } from "./python.ts";

/** Every package manager whose locks are read. */
export const ecosystems: Readonly<Record<DependencyKind, Ecosystem>> = { cargo, debian, go, nix, npm, python };

/** Names of all lock files. */
export const lockFileNames: readonly string[] = Object.values(ecosystems).flatMap(({ lockFiles }) => lockFiles);

/**
 * What lock files pin, each by its path in the project; its name says whose it is.
 * @throws AssayError `dependencies/bad-lock`, `packages/bad-lock`
 */
export function wantedBy(locks: ReadonlyMap<string, Uint8Array>): Wanted[] {
  return [...locks].flatMap(([path, bytes]) => {
    const ecosystem = ecosystemOf(path);
    if (ecosystem === undefined) throw badLock(path, `its name is none of ${lockFileNames.join(", ")}`);
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch (cause) {
      throw badLock(path, "it is not UTF-8", cause);
    }
    return [...ecosystem.parse(text, path)];
  });
}

function ecosystemOf(path: string): Ecosystem | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return Object.values(ecosystems).find(({ lockFiles }) => lockFiles.includes(name));
}
