import { AssayError } from "../core/errors.ts";
import { isBytes } from "../erofs/entry.ts";
import { isLfsPointer } from "./lfsPointer.ts";
import { checkLinks } from "./links.ts";
import { checkPaths, fold } from "./paths.ts";
import type { Entry, SourceContent, SourceRules, SourceTree } from "./source.ts";

/** Limits of a drive, in bytes of UTF-8. */
export const limits = {
  name: 128,
  component: 255,
  path: 3840,
  target: 4095,
  /** The largest time a tar header can hold: eleven octal digits. */
  time: 8 ** 11 - 1,
} as const;

/** An entry of a checked tree, with its path encoded. */
export interface CheckedEntry<Content extends SourceContent = Uint8Array> extends Entry<Content> {
  readonly pathBytes: Uint8Array;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Checks everything a tree must obey (README, "What is refused") and returns its entries in the drive's order.
 * @param rules what is not refused here.
 * @throws AssayError one of the `source/...` codes about trees
 */
export function checkTree<Content extends SourceContent>(
  tree: SourceTree<Content>,
  rules: SourceRules = {},
): CheckedEntry<Content>[] {
  checkName(tree.name);
  if (!Number.isInteger(tree.time) || tree.time < 0 || tree.time > limits.time) {
    throw new AssayError(
      "source/bad-time",
      `expected a time of 0 to ${limits.time} seconds since 1970, got ${tree.time}`,
      { time: tree.time },
    );
  }
  const entries = tree.entries.map((entry) => ({ ...entry, pathBytes: checkPath(entry.path, rules) }));
  entries.sort((a, b) => compareBytes(a.pathBytes, b.pathBytes));
  checkPaths(entries, rules);
  for (const entry of entries) if (entry.kind !== "symlink") refuseLfsPointer(entry);
  checkLinks(entries);
  return entries;
}

/** Bytewise order: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

function checkName(name: string): void {
  const bytes = checkPath(name);
  if (name.includes("/") || bytes.length > limits.name) {
    throw new AssayError(
      "source/bad-name",
      `the archive's name must be one path component of 1 to ${limits.name} bytes, got ${JSON.stringify(name)}`,
      { name },
    );
  }
}

/** Returns the path's bytes. */
function checkPath(path: string, rules: SourceRules = {}): Uint8Array {
  const bytes = encoder.encode(path);
  if (decoder.decode(bytes) !== path) {
    throw new AssayError("source/name-not-utf8", `${JSON.stringify(path)} cannot be written in UTF-8: rename it`, {
      path,
    });
  }
  if (bytes.length > limits.path) {
    throw new AssayError(
      "source/path-too-long",
      `the path ${JSON.stringify(`${path.slice(0, 60)}…`)} has ${bytes.length} bytes, more than ${limits.path}`,
      { path, length: bytes.length, limit: limits.path },
    );
  }
  const inGitFolder = rules.gitFolder === true && path.startsWith(".git/");
  for (const component of (inGitFolder ? path.slice(".git/".length) : path).split("/")) checkComponent(component, path);
  return bytes;
}

function checkComponent(component: string, path: string): void {
  const folded = fold(component);
  if (component === "" || component === "." || component === ".." || component.includes("\0")) {
    throw new AssayError("source/bad-path", `${JSON.stringify(path)} is not a plain relative path`, {
      path,
      component,
    });
  }
  if (folded === ".git" || folded === "git~1") {
    throw new AssayError(
      "source/bad-path",
      `${JSON.stringify(path)} holds a component that git reserves: leave it out`,
      { path, component },
    );
  }
  if (component.length > limits.component / 3 && encoder.encode(component).length > limits.component) {
    throw new AssayError(
      "source/path-too-long",
      `a component of ${JSON.stringify(`${path.slice(0, 60)}…`)} is longer than ${limits.component} bytes`,
      { path, limit: limits.component },
    );
  }
}

function refuseLfsPointer({ path, content }: Entry<SourceContent>): void {
  if (!isBytes(content) || !isLfsPointer(content)) return;
  throw new AssayError(
    "source/lfs-pointer",
    `${JSON.stringify(path)} is a Git LFS pointer, not the file itself: build from the git repository, or fetch the file`,
    { path },
  );
}
