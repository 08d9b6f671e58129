import { compareUtf8 } from "./signedRefs.ts";

/** Whether a ref's name fits a pattern with at most one `*`, which stands for any number of parts: as heartwood has it. */
export function fitsPattern(pattern: string, name: string): boolean {
  const star = pattern.indexOf("*");
  if (star < 0) return pattern === name;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  // The star is alone between slashes: any number of whole parts. Else it stands for characters of one part.
  const isWhole = before.endsWith("/") && (after === "" || after.startsWith("/"));
  if (after === "") return isWhole ? fitsBelow(before, name) : fitsBelowPart(before, name);
  if (!name.startsWith(before) || !name.endsWith(after)) return false;
  if (!isWhole) {
    const middle = name.slice(before.length, name.length - after.length);
    return before.length + after.length <= name.length && !middle.includes("/");
  }
  // Between the parts before and those after there may be none.
  return name === before + after.slice(1) || before.length + after.length <= name.length;
}

// A star at the end stands for two and a slash before it: everything below.
function fitsBelow(before: string, name: string): boolean {
  return name.startsWith(before) && name.length > before.length;
}

// Two stars that are not a whole part mean no more than one: a part that begins so, and one below.
function fitsBelowPart(before: string, name: string): boolean {
  if (!name.startsWith(before)) return false;
  const parts = name.slice(before.length).split("/");
  return parts.length === 2 && parts[1] !== "";
}

/**
 * The order of patterns, the most specific first: more parts; then, part by part, none with a star, the star further right, the longer;
 * then by their bytes.
 */
export function comparePatterns(a: string, b: string): number {
  const [left, right] = [a.split("/"), b.split("/")];
  if (left.length !== right.length) return right.length - left.length;
  let byBytes = 0;
  for (const [at, part] of left.entries()) {
    const other = right[at]!;
    const [star, otherStar] = [part.indexOf("*"), other.indexOf("*")];
    if (star < 0 !== otherStar < 0) return star < 0 ? -1 : 1;
    if (star !== otherStar) return otherStar - star;
    if (star >= 0 && part.length !== other.length) return other.length - part.length;
    if (byBytes === 0) byBytes = compareUtf8(part, other);
  }
  return byBytes;
}
