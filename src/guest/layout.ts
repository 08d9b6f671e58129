/**
 * Where everything of an environment lies in linear memory and, seen from the guest, in physical memory. The emulator has
 * the first 32 MiB (`src/emulator/assembly/layout.ts`); this is the plan of the rest.
 */
import { AssayError, type ErrorDetails } from "../core/errors.ts";
import { address, guestBase } from "../emulator/addresses.ts";
import { maxGuestSize } from "../emulator/boot.ts";
import { memoryPageBytes } from "../machine/layout.ts";

/** What stands before the artifact in the output drive (README.md, "What init does"). */
export const outputHeaderBytes = 64;

const mebibyte = 2 ** 20;
const pageBytes = 4096;
/** The input drive's linear address: aligned to the largest size it can have. What is below it is a hole of 32 MiB. */
const inputAddress = 0x0400_0000;
const holeBytes = inputAddress - address.guest;
/** A kernel is put and its memory mapped in units of 2 MiB. */
const ramAlignment = 2 * mebibyte;
/** Distance of the kernel from the beginning of RAM; the device tree is in front of it. */
const kernelOffset = 2 * mebibyte;

/** Sizes in bytes. */
export interface LayoutRequest {
  /** Of the root file system's image; a multiple of 4,096. */
  readonly rootSize: number;
  readonly kernelSize: number;
  /** A multiple of 2 MiB, at least 32 MiB. */
  readonly ramSize: number;
  /** The input drive holds 2^inputLog2Size bytes: 13 to 26. */
  readonly inputLog2Size: number;
  /** The output drive holds 2^outputLog2Size bytes: 13 to 28. */
  readonly outputLog2Size: number;
}

/** `address` is one of linear memory. */
export interface Region {
  readonly address: number;
  readonly size: number;
}

export interface GuestLayout {
  readonly root: Region;
  readonly input: Region;
  readonly output: Region;
  readonly ram: Region;
  readonly kernel: number;
  readonly deviceTree: number;
  /** Bytes of guest-physical memory, RAM and drives. */
  readonly guestSize: number;
  /** Pages of 64 KiB of linear memory. */
  readonly memoryPages: number;
}

/**
 * Plans an environment. The input drive is at 64 MiB. The 32 MiB below it go to the root file system if it fits, else to
 * the output drive if that fits; what is left follows the input drive, and RAM comes last.
 * @throws AssayError `guest/bad-layout` naming the size that cannot be.
 */
export function planLayout(request: LayoutRequest): GuestLayout {
  checkRequest(request);
  const { rootSize, ramSize } = request;
  const outputSize = 2 ** request.outputLog2Size;
  const input = { address: inputAddress, size: 2 ** request.inputLog2Size };
  const rootInHole = rootSize <= holeBytes;
  const outputInHole = !rootInHole && outputSize <= holeBytes;

  let end = input.address + input.size;
  const place = (size: number, inHole: boolean, alignment: number): Region => {
    if (inHole) return { address: address.guest, size };
    const from = Math.ceil(end / alignment) * alignment;
    end = from + size;
    return { address: from, size };
  };
  const output = place(outputSize, outputInHole, pageBytes);
  const root = place(rootSize, rootInHole, pageBytes);
  const ram = place(ramSize, false, ramAlignment);
  const guestSize = end - address.guest;
  if (guestSize > maxGuestSize) {
    throw badLayout(`RAM and drives take ${guestSize} bytes, the emulator has room for ${maxGuestSize}`, {
      guestSize,
      limit: maxGuestSize,
    });
  }
  return {
    root,
    input,
    output,
    ram,
    kernel: ram.address + kernelOffset,
    deviceTree: ram.address,
    guestSize,
    memoryPages: end / memoryPageBytes,
  };
}

/** The guest-physical address of a linear one. */
export function physical(linear: number): number {
  return linear - address.guest + guestBase;
}

function checkRequest({ rootSize, kernelSize, ramSize, inputLog2Size, outputLog2Size }: LayoutRequest): void {
  if (!Number.isSafeInteger(rootSize) || rootSize < pageBytes || rootSize % pageBytes !== 0) {
    throw badLayout(`the root file system must fill pages of ${pageBytes} bytes, got ${rootSize} bytes`, { rootSize });
  }
  if (!Number.isSafeInteger(ramSize) || ramSize % ramAlignment !== 0 || ramSize < 32 * mebibyte) {
    throw badLayout(`RAM must be a multiple of 2 MiB and at least 32 MiB, got ${ramSize} bytes`, { ramSize });
  }
  if (!Number.isSafeInteger(kernelSize) || kernelSize < 1 || kernelSize > ramSize / 2) {
    throw badLayout(`a kernel of ${kernelSize} bytes needs at least twice as much RAM, there are ${ramSize} bytes`, {
      kernelSize,
      ramSize,
    });
  }
  if (!Number.isInteger(inputLog2Size) || inputLog2Size < 13 || inputLog2Size > 26) {
    throw badLayout(`the input drive must have 2^13 to 2^26 bytes, got 2^${inputLog2Size}`, { inputLog2Size });
  }
  if (!Number.isInteger(outputLog2Size) || outputLog2Size < 13 || outputLog2Size > 28) {
    throw badLayout(`the output drive must have 2^13 to 2^28 bytes, got 2^${outputLog2Size}`, { outputLog2Size });
  }
}

function badLayout(message: string, details: ErrorDetails["guest/bad-layout"]) {
  return new AssayError("guest/bad-layout", message, details);
}
