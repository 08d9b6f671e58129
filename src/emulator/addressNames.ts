import { address, guestBase } from "./addresses.ts";

const registerBytes = 8;
/** What begins at an address and is not a register: arrays and buffers, with their sizes in bytes. */
const regions = [
  { name: "x", at: address.x, size: 32 * registerBytes, element: registerBytes },
  { name: "f", at: address.f, size: 32 * registerBytes, element: registerBytes },
  { name: "console input", at: address.consoleInput, size: address.consoleInputSize },
  { name: "scratch", at: address.scratch, size: address.scratchSize },
  { name: "console", at: address.console, size: address.consoleSize },
] as const;
const notRegisters = /^(x|f|console|consoleInput|scratch|tlbRead|pageLine|guest)$|Size$/;

/** Registers by their addresses, those of 64 and of 32 bits alike. */
const registers = Object.entries(address)
  .filter(([name]) => !notRegisters.test(name) || name === "guestSize" || /^(input|output|reservation)Size$/.test(name))
  .sort(([, a], [, b]) => a - b);

/** What the emulator keeps at an address of linear memory: `x5`, `satp`, `guest memory at 0x80200000`; undefined elsewhere. */
export function describeAddress(at: number): string | undefined {
  if (at >= address.guest) return `guest memory at 0x${(guestBase + at - address.guest).toString(16)}`;
  for (const region of regions) {
    if (at < region.at || at >= region.at + region.size) continue;
    if ("element" in region) return `${region.name}${Math.floor((at - region.at) / region.element)}`;
    return `${region.name}, byte ${at - region.at}`;
  }
  if (at >= address.pageLine) return "decoded instructions";
  if (at >= address.tlbRead && at < address.console) return "address translation";
  return registers.findLast(([, from]) => from <= at && at < from + registerBytes)?.[0];
}
