/**
 * Where everything of an environment lies in linear memory and, seen from the guest, in physical memory. The emulator has
 * the first 32 MiB (`src/emulator/assembly/layout.ts`); this is the plan of the rest.
 */
import { AssayError, type ErrorDetails } from "../core/errors.ts";
import { address, guestBase } from "../emulator/addresses.ts";
import { memoryPageBytes } from "../machine/layout.ts";

/** Where the record of outputs begins in the output drive, and where the artifact does (README.md, "Output drive"). */
export const outputRecordOffset = 64;
export const artifactOffset = 65_536;

/** The first page of the input drive: what is to be done; the source follows it. */
export const inputHeaderBytes = 4096;

const mebibyte = 2 ** 20;
const pageBytes = 4096;
const memoryBytes = 2 ** 32;
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
  /** The input drive and the dependency drive hold 2^inputLog2Size bytes each: 13 to 30. */
  readonly inputLog2Size: number;
  /** The output drive holds 2^outputLog2Size bytes: 17 to 30. */
  readonly outputLog2Size: number;
}

/** `address` is one of linear memory. */
export interface Region {
  readonly address: number;
  readonly size: number;
}

export interface GuestLayout {
  readonly root: Region;
  /** The input drive: the lower half of the input region. */
  readonly input: Region;
  /** The dependency drive: its upper half. */
  readonly dependencies: Region;
  readonly output: Region;
  readonly ram: Region;
  /** What the guest may write to: RAM and the output drive. */
  readonly writable: Region;
  readonly kernel: number;
  readonly deviceTree: number;
  /** Bytes of guest-physical memory, RAM and drives. */
  readonly guestSize: number;
  /** Pages of 64 KiB of linear memory. */
  readonly memoryPages: number;
}

/**
 * Plans an environment: root file system, RAM and output drive one after the other; the input region, which a build's inputs
 * are, at the next multiple of its size. With drives of 1 GiB that is the upper half of memory.
 * @throws AssayError `guest/bad-layout` naming the size that cannot be.
 */
export function planLayout(request: LayoutRequest): GuestLayout {
  checkRequest(request);
  const { rootSize, ramSize } = request;
  const outputSize = 2 ** request.outputLog2Size;
  const inputSize = 2 ** request.inputLog2Size;

  const root = { address: address.guest, size: rootSize };
  const ram = { address: alignUp(root.address + root.size, ramAlignment), size: ramSize };
  const output = { address: ram.address + ram.size, size: outputSize };
  const writable = { address: ram.address, size: ramSize + outputSize };
  const input = { address: alignUp(output.address + outputSize, 2 * inputSize), size: inputSize };
  const dependencies = { address: input.address + inputSize, size: inputSize };
  const end = dependencies.address + inputSize;
  if (end > memoryBytes) {
    const room = memoryBytes - 2 * inputSize - root.address;
    const taken = output.address + outputSize - root.address;
    throw badLayout(
      `root file system, RAM and output drive take ${taken} bytes; beside inputs of two times ${inputSize} bytes there is room ` +
        `for ${room}: choose less RAM, or a smaller drive`,
      { guestSize: end - address.guest, limit: memoryBytes - address.guest },
    );
  }
  return {
    ...{ root, input, dependencies, output, ram, writable },
    kernel: ram.address + kernelOffset,
    deviceTree: ram.address,
    guestSize: end - address.guest,
    memoryPages: end / memoryPageBytes,
  };
}

/** The guest-physical address of a linear one. */
export function physical(linear: number): number {
  return linear - address.guest + guestBase;
}

function alignUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
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
  if (!Number.isInteger(inputLog2Size) || inputLog2Size < 13 || inputLog2Size > 30) {
    throw badLayout(`the input drive must have 2^13 to 2^30 bytes, got 2^${inputLog2Size}`, { inputLog2Size });
  }
  if (!Number.isInteger(outputLog2Size) || outputLog2Size < 17 || outputLog2Size > 30) {
    throw badLayout(`the output drive must have 2^17 to 2^30 bytes, got 2^${outputLog2Size}`, { outputLog2Size });
  }
}

function badLayout(message: string, details: ErrorDetails["guest/bad-layout"]) {
  return new AssayError("guest/bad-layout", message, details);
}
