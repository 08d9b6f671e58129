import { malformed } from "./errors.ts";
import { mostDepth } from "./limits.ts";

/**
 * Reads JSON that was signed by, or comes from, somebody else. Two readers must not see two things in it: a name that occurs twice
 * in an object is refused, as is what is nested deeper than `mostDepth`.
 * @param what it is, for the error.
 * @throws AssayError `attestation/malformed`
 */
export function parseStrictJson(text: string, what: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw malformed(what, "it is not JSON", cause);
  }
  if (countNames(value, what, 0) !== writtenNames(text)) throw malformed(what, "a name occurs twice in an object");
  return value;
}

/** How many names the objects of a value have. */
function countNames(value: unknown, what: string, depth: number): number {
  if (typeof value !== "object" || value === null) return 0;
  if (depth === mostDepth) throw malformed(what, `it is nested deeper than ${mostDepth} levels`);
  let count = Array.isArray(value) ? 0 : Object.keys(value).length;
  for (const inner of Object.values(value)) count += countNames(inner, what, depth + 1);
  return count;
}

/** How many names a text that is JSON writes: strings that a colon follows. */
function writtenNames(text: string): number {
  let count = 0;
  for (const [, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"[ \t\r\n]*(:?)/g)) if (colon === ":") count++;
  return count;
}
