import { AssayError } from "../core/errors.ts";
import type { Entry, SourceContent, SourceRules } from "./source.ts";

/** Files, links and directories that a tree may have. */
export const maxTreeEntries = 2 ** 18;

/** A file or a directory, under its folded name. */
interface PathNode {
  readonly name: string;
  readonly isDirectory: boolean;
  readonly inside: Map<string, PathNode>;
}

/**
 * Equal for names that some file system does not tell apart: Unicode's canonical caseless matching (full case folding between
 * normalisations), without the characters that some leave out because they are not seen.
 */
export function fold(name: string): string {
  if (/^[\x20-\x7e]*$/.test(name)) return name.toLowerCase();
  const seen = name.normalize("NFD").replace(/\p{Default_Ignorable_Code_Point}/gu, "");
  // By way of the capitals all that folds together meets, and only that but for the dotless i.
  const folded = seen.split("\u0131").map((part) => part.toLowerCase().toUpperCase().toLowerCase());
  return folded.join("\u0131").normalize("NFD");
}

/** Refuses paths that occur twice, as file and as directory, or (but by the rules) in two spellings; and more than 2^18 of them. */
export function checkPaths(entries: readonly Entry<SourceContent>[], rules: SourceRules = {}): void {
  const keyOf = rules.caseCollisions === true ? (name: string) => name : fold;
  const root = new Map<string, PathNode>();
  let count = 0;
  for (const { path } of entries) {
    let inside = root;
    let start = 0;
    for (let end = nextEnd(path, 0); start < path.length; start = end + 1, end = nextEnd(path, start)) {
      const name = path.slice(start, end);
      const isDirectory = end < path.length;
      const key = keyOf(name);
      let node = inside.get(key);
      if (node === undefined) {
        if (++count > maxTreeEntries) throw tooManyEntries();
        node = { name, isDirectory, inside: isDirectory ? new Map() : nothing };
        inside.set(key, node);
      } else {
        checkSame(node, path, start, end);
      }
      inside = node.inside;
    }
  }
}

/** The refusal of a tree with too many files and directories. */
export function tooManyEntries() {
  return new AssayError(
    "source/too-many-entries",
    `the source has more than ${maxTreeEntries} files and directories: build a smaller tree`,
    { limit: maxTreeEntries },
  );
}

const nothing: Map<string, PathNode> = new Map();

function nextEnd(path: string, start: number): number {
  const slash = path.indexOf("/", start);
  return slash < 0 ? path.length : slash;
}

/** Expects that part of `path` to fall on `node`; refuses everything but two uses of one directory. */
function checkSame(node: PathNode, path: string, start: number, end: number): void {
  const here = path.slice(0, end);
  const there = path.slice(0, start) + node.name;
  if (here !== there) {
    throw new AssayError(
      "source/case-collision",
      `${JSON.stringify(there)} and ${JSON.stringify(here)} are one name where case, Unicode normalisation or characters that are not seen do not count: rename one`,
      { paths: [there, here] },
    );
  }
  const isDirectory = end < path.length;
  if (isDirectory !== node.isDirectory) {
    throw new AssayError("source/path-conflict", `${JSON.stringify(here)} is both a file and a directory`, {
      path: here,
    });
  }
  if (!isDirectory) throw new AssayError("source/duplicate-path", `${JSON.stringify(path)} occurs twice`, { path });
}
