/** The console of a guest as an interactive host sees it, between ticks: what the guest has written, and bytes for it to read. */
import { address } from "./addresses.ts";

/**
 * Puts bytes into the console's input when the guest has read what was there. Never to be done in a run that is claimed: no
 * build id says what was typed.
 * @returns how many of the bytes were taken, 0 while earlier ones are unread
 */
export function putConsoleInput(memory: Uint8Array, bytes: Uint8Array): number {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  if (view.getUint32(address.consoleInputRead, true) < view.getUint32(address.consoleInputCount, true)) return 0;
  const count = Math.min(bytes.length, address.consoleInputSize);
  memory.set(bytes.subarray(0, count), address.consoleInput);
  view.setUint32(address.consoleInputCount, count, true);
  view.setUint32(address.consoleInputRead, 0, true);
  return count;
}

/** Bytes written to the console since the start. */
export function consoleCount(memory: Uint8Array): number {
  return Number(
    new DataView(memory.buffer, memory.byteOffset, memory.byteLength).getBigUint64(address.consoleCount, true),
  );
}

/** The console's bytes from byte `from` on, counted from the start, as far as its ring still holds them. */
export function readConsole(memory: Uint8Array, from = 0): Uint8Array {
  const end = consoleCount(memory);
  const first = Math.max(from, end - address.consoleSize);
  return Uint8Array.from(
    { length: end - first },
    (_, i) => memory[address.console + ((first + i) % address.consoleSize)]!,
  );
}
