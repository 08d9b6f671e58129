/** Which bytes of a content a request is for: all, some, or none that there are. */
export type ByteRange =
  | { readonly kind: "all" }
  | { readonly kind: "part"; readonly start: number; readonly end: number }
  | { readonly kind: "none" };

/**
 * Reads the `Range` header (RFC 9110, section 14). One range of bytes is understood; several, and anything else, are answered with all
 * of the content, as the standard allows. `end` is the last byte's place.
 */
export function byteRangeOf(header: string | undefined, size: number): ByteRange {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? "");
  if (found === null || (found[1] === "" && found[2] === "")) return { kind: "all" };
  const [, first, last] = found as unknown as [string, string, string];
  if (first === "") {
    const count = Number(last);
    return count === 0 || size === 0
      ? { kind: "none" }
      : { kind: "part", start: Math.max(0, size - count), end: size - 1 };
  }
  if (last !== "" && Number(last) < Number(first)) return { kind: "all" };
  if (Number(first) >= size) return { kind: "none" };
  return { kind: "part", start: Number(first), end: last === "" ? size - 1 : Math.min(size - 1, Number(last)) };
}
