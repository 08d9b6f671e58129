/** What can be looked into. */
export type ContentKind = "gzip" | "zip" | "tar" | "elf" | "json";

/** What a content begins as; what begins as JSON need not be JSON. Undefined for anything else. */
export function kindOf(bytes: Uint8Array): ContentKind | undefined {
  if (startsWith(bytes, 0, [0x1f, 0x8b, 0x08])) return "gzip";
  if (startsWith(bytes, 0, [0x50, 0x4b, 0x03, 0x04]) || startsWith(bytes, 0, [0x50, 0x4b, 0x05, 0x06])) return "zip";
  if (startsWith(bytes, 0, [0x7f, 0x45, 0x4c, 0x46])) return "elf";
  if (startsWith(bytes, 257, [0x75, 0x73, 0x74, 0x61, 0x72])) return "tar";
  const first = bytes.find((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
  return first === 0x7b || first === 0x5b ? "json" : undefined;
}

function startsWith(bytes: Uint8Array, at: number, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[at + i] === byte);
}
