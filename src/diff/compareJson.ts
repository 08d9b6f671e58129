import { excerpt } from "./compareBytes.ts";
import type { DiffRun } from "./diffRun.ts";
import { mostJsonDepth, mostTextBytes } from "./limits.ts";

/** Names the values in which two JSON texts differ, by their paths; nothing where one of them is not JSON. */
export function compareJson(run: DiffRun, path: string, first: Uint8Array, second: Uint8Array): void {
  const [ours, theirs] = [parse(first), parse(second)];
  if (ours !== undefined && theirs !== undefined) compareValues(run, path, "$", ours.value, theirs.value);
}

function parse(bytes: Uint8Array): { readonly value: unknown } | undefined {
  if (bytes.length > mostTextBytes) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const value = JSON.parse(text) as unknown;
    return depthOf(text) > mostJsonDepth ? undefined : { value };
  } catch {
    return undefined;
  }
}

/** How deep brackets stand within each other, in a text that is JSON. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[{}\]]/g)) {
    if (token === "[" || token === "{") deepest = Math.max(deepest, ++depth);
    else if (token === "]" || token === "}") depth--;
  }
  return deepest;
}

function compareValues(run: DiffRun, path: string, at: string, first: unknown, second: unknown): void {
  if (first === second) return;
  run.checkTime();
  const both = childrenOf(first, second);
  if (both === undefined) {
    run.add({ path, kind: "value", what: at, first: shown(first), second: shown(second) });
    return;
  }
  const [ours, theirs] = both;
  for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
    const place = `${at}${stepOf(key)}`;
    if (!ours.has(key)) run.add({ path, kind: "missing", what: place, second: shown(theirs.get(key)) });
    else if (!theirs.has(key)) run.add({ path, kind: "missing", what: place, first: shown(ours.get(key)) });
    else compareValues(run, path, place, ours.get(key), theirs.get(key));
  }
}

type Children = ReadonlyMap<string | number, unknown>;

/** What two lists, or two objects, hold; undefined for any other pair. */
function childrenOf(first: unknown, second: unknown): readonly [Children, Children] | undefined {
  if (Array.isArray(first) && Array.isArray(second)) return [new Map(first.entries()), new Map(second.entries())];
  if (!isObject(first) || !isObject(second)) return undefined;
  return [new Map(Object.entries(first)), new Map(Object.entries(second))];
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function stepOf(key: string | number): string {
  if (typeof key === "number") return `[${key}]`;
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? `.${key}` : `[${excerpt(JSON.stringify(key))}]`;
}

function shown(value: unknown): string {
  return excerpt(JSON.stringify(value));
}
