import { AssayError } from "../core/errors.ts";
import { badRefs, tooLarge } from "./errors.ts";
import type { NodeId, ObjectId } from "./ids.ts";
import { mostSignedRefs, mostSignedRefsBytes } from "./limits.ts";
import { textOf } from "./objects.ts";
import { isRefName } from "./refName.ts";

/** What refs lead to, by their full names in the node's namespace: `refs/heads/main`. */
export type Refs = ReadonlyMap<string, ObjectId>;

/** Where a node's signed refs are themselves. */
export const signedRefsName = "refs/rad/sigrefs";
/** In the list only: the commit with the node's signed refs before these. */
export const parentName = "refs/rad/sigrefs-parent";
/** Leads to the first revision of the repository's identity. */
export const rootName = "refs/rad/root";
/** What a node has in the making: neither signed nor counted. */
const temporary = "refs/tmp/heads/";

const encoder = new TextEncoder();

/** The one way to write a list of refs: that is what is signed. */
export function formatRefs(refs: Refs): Uint8Array {
  const names = [...refs.keys()].sort(compareUtf8);
  return encoder.encode(names.map((name) => `${refs.get(name)} ${name}\n`).join(""));
}

/**
 * Reads a list of refs in that form, and in no other. heartwood takes more (carriage returns, any order, ids of zeros) and checks the
 * signature over what it makes of it; no node writes that.
 * @throws AssayError `radicle/bad-refs`, `radicle/too-large`
 */
export function parseRefs(bytes: Uint8Array, node: NodeId): Refs {
  if (bytes.length > mostSignedRefsBytes) throw tooLarge(`bytes of the refs of ${node}`, mostSignedRefsBytes);
  const text = textOf(bytes);
  if (text === undefined) throw badRefs(node, "the list is not UTF-8");
  if (text !== "" && !text.endsWith("\n")) throw badRefs(node, "the last line of the list has no end");
  const refs = new Map<string, ObjectId>();
  let before: string | undefined;
  for (const line of text.split("\n").slice(0, -1)) {
    const [, id, name] = /^([0-9a-f]{40}) (refs\/[^\n]*)$/.exec(line) ?? [];
    if (id === undefined || name === undefined || !isRefName(name))
      throw badRefs(node, "a line of the list is not that of a ref");
    if (/^0+$/.test(id)) throw badRefs(node, `${name} leads to nothing`);
    if (name === signedRefsName) throw badRefs(node, "the list names itself");
    if (before !== undefined && compareUtf8(before, name) >= 0)
      throw badRefs(node, `${name} is not in its place in the list`);
    if (refs.size === mostSignedRefs) throw tooLarge(`refs of ${node}`, mostSignedRefs);
    refs.set(name, id);
    before = name;
  }
  return refs;
}

/**
 * Compares what is in a node's namespace with what the node has signed, in both directions.
 * @throws AssayError `radicle/refs-differ`
 */
export function compareRefs(node: NodeId, actual: Refs, signed: Refs): void {
  const rest = new Map(signed);
  rest.delete(parentName);
  for (const [ref, id] of actual) {
    if (ref === signedRefsName || ref.startsWith(temporary)) continue;
    const expected = rest.get(ref);
    if (expected === undefined) throw refsDiffer(node, ref, "unsigned");
    if (expected !== id) throw refsDiffer(node, ref, "other");
    rest.delete(ref);
  }
  const [missing] = rest.keys();
  if (missing !== undefined) throw refsDiffer(node, missing, "missing");
}

function refsDiffer(node: NodeId, ref: string, why: "unsigned" | "missing" | "other") {
  const facts = {
    unsigned: "is there but not signed",
    missing: "is signed but not there",
    other: "leads to something else than what is signed",
  };
  return new AssayError(
    "radicle/refs-differ",
    `the refs of ${node} are not those that it has signed: ${ref} ${facts[why]}`,
    {
      node,
      ref,
      why,
    },
  );
}

/** The order of UTF-8 bytes, which for characters beyond U+FFFF is not that of strings. */
export function compareUtf8(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  if (at === a.length || at === b.length) return a.length - b.length;
  // A half of a character belongs to one beyond all that are in one unit.
  const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
  const [xHalf, yHalf] = [isHalf(x), isHalf(y)];
  return xHalf === yHalf ? x - y : xHalf ? 1 : -1;
}

function isHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
