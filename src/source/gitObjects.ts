import { sourceError } from "./errors.ts";

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
  /** Committer time, seconds since 1970. */
  readonly time: number;
}

/**
 * The tree and the time of a commit.
 * @throws AssayError `source/bad-object`
 */
export function parseCommit(object: GitObject): Commit {
  requireType(object, "commit");
  const text = new TextDecoder("latin1").decode(object.content);
  const header = text.slice(0, text.indexOf("\n\n") < 0 ? text.length : text.indexOf("\n\n"));
  const tree = /^tree ([0-9a-f]+)$/m.exec(header)?.[1];
  const time = /^committer .*> ([0-9]{1,15}) [+-][0-9]+$/m.exec(header)?.[1];
  if (tree === undefined || tree.length !== object.id.length || time === undefined) {
    throw badObject(object.id, "is a malformed commit");
  }
  return { tree, time: Number(time) };
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
      id: Array.from(content.subarray(zero + 1, end), (byte) => byte.toString(16).padStart(2, "0")).join(""),
    });
    at = end;
  }
  return lines;
}

/** The refusal of an object that is missing, corrupt or malformed. */
export function badObject(id: string, fact: string, cause?: unknown) {
  return sourceError("source/bad-object", `git object ${id} ${fact}`, { id }, cause);
}

function requireType(object: GitObject, type: string): void {
  if (object.type !== type) throw badObject(object.id, `is a ${object.type}, expected a ${type}`);
}

function kindOf(mode: string, tree: string): TreeLine["kind"] {
  const bits = /^[0-7]{5,6}$/.test(mode) ? Number.parseInt(mode, 8) : 0;
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
      throw sourceError("source/unsupported-mode", `git tree ${tree} holds an entry of the unknown mode ${mode}`, {
        tree,
        mode,
      });
  }
}
