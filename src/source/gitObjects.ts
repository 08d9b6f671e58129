import { toHex } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";

/** An object as git stores it, its content already checked against its id. */
export interface GitObject {
  readonly id: string;
  readonly type: string;
  readonly content: Uint8Array;
}

/** One line of a tree object. */
export interface TreeLine {
  /** Canonical: what git itself makes of modes of old versions. */
  readonly kind: "tree" | "file" | "executable" | "symlink" | "submodule";
  readonly name: Uint8Array;
  readonly id: string;
}

export interface Commit {
  readonly tree: string;
  readonly parents: readonly string[];
  /** Committer time, seconds since 1970; not checked to be a time that a drive can have. */
  readonly time: number;
}

/**
 * The tree, the parents and the time of a commit, read as git reads them: by place, forgiving in the lines about people.
 * @throws AssayError `source/bad-object` where git itself sees no commit
 */
export function parseCommit(object: GitObject): Commit {
  requireType(object, "commit");
  const text = new TextDecoder("latin1").decode(object.content);
  const idLength = object.id.length;
  const head = new RegExp(`^tree ([0-9a-fA-F]{${idLength}})\\n((?:parent [0-9a-fA-F]{${idLength}}\\n)*)`).exec(text);
  if (head === null) throw badObject(object.id, "is a malformed commit");
  const parents = head[2]!
    .split("\n")
    .slice(0, -1)
    .map((line) => line.slice("parent ".length).toLowerCase());
  return { tree: head[1]!.toLowerCase(), parents, time: committerTime(text.slice(head[0].length)) };
}

/** Of what stands behind a commit's parents; 0 where git finds no time, as it has it. */
function committerTime(text: string): number {
  const line = /^author[^\n]*\n(committer[^\n]*)\n/.exec(text)?.[1];
  const digits = /^[ \t\r]*(-?[0-9]+)/.exec(line?.slice(line.lastIndexOf(">") + 1) ?? "")?.[1];
  if (line === undefined || !line.includes(">") || digits === undefined) return 0;
  return Number(digits) || 0;
}

/**
 * The lines of a tree, as they stand.
 * @throws AssayError `source/bad-object`, `source/unsupported-mode`
 */
export function parseTree(object: GitObject): TreeLine[] {
  requireType(object, "tree");
  const { content } = object;
  const idSize = object.id.length / 2;
  const lines: TreeLine[] = [];
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const zero = space < 0 ? -1 : content.indexOf(0, space);
    const end = zero + 1 + idSize;
    if (space < 0 || zero < 0 || end > content.length) throw badObject(object.id, "is a malformed tree");
    const mode = new TextDecoder("latin1").decode(content.subarray(at, space));
    lines.push({
      kind: kindOf(mode, object.id),
      name: content.slice(space + 1, zero),
      id: toHex(content.subarray(zero + 1, end)).slice(2),
    });
    at = end;
  }
  return lines;
}

/** The refusal of an object that is missing, corrupt or malformed. */
export function badObject(id: string, fact: string, cause?: unknown) {
  return new AssayError("source/bad-object", `git object ${id} ${fact}`, { id }, { cause });
}

function requireType(object: GitObject, type: string): void {
  if (object.type !== type) throw badObject(object.id, `is a ${object.type}, expected a ${type}`);
}

function kindOf(mode: string, tree: string): TreeLine["kind"] {
  const bits = /^[0-7]+$/.test(mode) ? Number.parseInt(mode.slice(-6), 8) : 0;
  switch (bits & 0o170000) {
    case 0o040000:
      return "tree";
    case 0o100000:
      return bits & 0o100 ? "executable" : "file";
    case 0o120000:
      return "symlink";
    case 0o160000:
      return "submodule";
    default:
      throw new AssayError("source/unsupported-mode", `git tree ${tree} holds an entry of the unknown mode ${mode}`, {
        tree,
        mode,
      });
  }
}
