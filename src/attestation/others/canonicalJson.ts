import { malformed } from "../errors.ts";

/**
 * JSON as in-toto's links are signed: members by name, no white space, whole numbers only. There are two habits of writing strings: the
 * specification's (OLPC) escapes quotation marks and backslashes and nothing else, in-toto-rs escapes as JSON does.
 * @throws AssayError `attestation/malformed` for a number that has no one way of being written.
 */
export function canonicalJson(value: unknown, strings: "olpc" | "json"): string {
  const text = (words: string) => (strings === "json" ? JSON.stringify(words) : `"${words.replace(/["\\]/g, "\\$&")}"`);
  const write = (each: unknown): string => {
    if (typeof each === "string") return text(each);
    if (typeof each === "number" && !Number.isSafeInteger(each))
      throw malformed("link", `${each} is not a whole number`);
    if (Array.isArray(each)) return `[${each.map(write).join(",")}]`;
    if (typeof each !== "object" || each === null) return JSON.stringify(each);
    const members = Object.entries(each).sort(([a], [b]) => compare([...a], [...b]));
    return `{${members.map(([name, member]) => `${text(name)}:${write(member)}`).join(",")}}`;
  };
  return write(value);
}

/** By code points, as their bytes in UTF-8 compare. */
function compare(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = a[i]!.codePointAt(0)! - b[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
