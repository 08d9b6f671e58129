import { AssayError } from "./errors.ts";

/** Lower-case hexadecimal with the prefix `0x`. */
export type Hex = `0x${string}`;

/** A 32-byte keccak256 root or hash as `Hex`: 66 characters. */
export type Root = Hex;

// Not `@noble/hashes/utils`: the texts there have no `0x`, and what is wrong with one is an error without a code.
const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Bytes as lower-case `0x` hexadecimal. */
export function toHex(bytes: Uint8Array): Hex {
  let text = "0x";
  for (const byte of bytes) text += digits[byte];
  return text as Hex;
}

/**
 * Hexadecimal as bytes. Accepts both cases; refuses odd lengths and anything that is not `0x` followed by digits.
 * @throws AssayError `core/not-hex`; `core/wrong-length` when `length` (in bytes) is given and differs.
 */
export function fromHex(text: string, length?: number): Uint8Array {
  if (!/^0x(?:[0-9a-fA-F]{2})*$/.test(text)) {
    throw new AssayError("core/not-hex", `expected 0x-prefixed hexadecimal, got ${abbreviate(text)}`, { text });
  }
  const bytes = new Uint8Array((text.length - 2) / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 + 2 * i, 4 + 2 * i), 16);
  if (length !== undefined && bytes.length !== length) {
    throw new AssayError("core/wrong-length", `expected ${length} bytes, got ${bytes.length}`, {
      expected: length,
      given: bytes.length,
    });
  }
  return bytes;
}

/** True when both hold the same bytes. Not constant-time: roots and witnesses are public. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** The parts one after another in a fresh array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function abbreviate(text: string): string {
  return text.length > 24 ? `${JSON.stringify(text.slice(0, 24))}… (${text.length} characters)` : JSON.stringify(text);
}
