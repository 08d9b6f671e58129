/**
 * Names and paths as texts of one character (0 to 255) for each byte: they serve as keys, and their order as texts is the order of
 * their bytes.
 */
export type ByteText = string;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes, or the UTF-8 of a text, as a `ByteText`; undefined for a text with half a surrogate pair, which has no UTF-8. */
export function toByteText(text: string | Uint8Array): ByteText | undefined {
  if (typeof text !== "string") return join(text);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant.
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  return /\p{Cs}/u.test(text) ? undefined : join(encoder.encode(text));
}

/** The bytes of a `ByteText`. */
export function bytesOf(text: ByteText): Uint8Array {
  const bytes = new Uint8Array(text.length);
  writeText(bytes, 0, text);
  return bytes;
}

/** Writes the bytes of a `ByteText` to a place. */
export function writeText(bytes: Uint8Array, at: number, text: ByteText): void {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
}

/** A text where the bytes are UTF-8, else the bytes. */
export function pathOf(text: ByteText): string | Uint8Array {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant.
  if (/^[\x00-\x7f]*$/.test(text)) return text;
  const bytes = bytesOf(text);
  try {
    return decoder.decode(bytes);
  } catch {
    return bytes;
  }
}

/** A `ByteText` for people, in quotes. */
export function quoted(text: ByteText): string {
  const path = pathOf(text);
  return JSON.stringify(typeof path === "string" ? path : text);
}

function join(bytes: Uint8Array): ByteText {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}
