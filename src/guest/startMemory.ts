/**
 * An environment: everything of a build besides its description and source. It is the emulator with memory of a certain
 * size, and what is in that memory before the first tick. Its id is the state root with an empty input drive.
 */
import { AssayError } from "../core/errors.ts";
import { privilege } from "../emulator/addresses.ts";
import { encodeStart, type Start, startPage } from "../emulator/boot.ts";
import { type Environment, environmentOf } from "../environment/environment.ts";
import type { Drive } from "../machine/drivePath.ts";
import { memoryPageBytes } from "../machine/layout.ts";
import type { ClaimableProgram, DriveImage, MemoryImage } from "../machine/program.ts";
import type { Hasher } from "../merkle/hasher.ts";
import { decodeModule } from "../wasm/decodeModule.ts";
import { setMemoryPages } from "../wasm/setMemoryPages.ts";
import { encodeDeviceTree, guestDeviceTree } from "./deviceTree.ts";
import { type GuestLayout, inputHeaderBytes, physical, planLayout } from "./layout.ts";
import { type GuestManifest, type GuestSettings, type ImageName, type Images, imageNames } from "./manifest.ts";

/** Number of the register a1, in which the kernel finds the device tree. */
const argument1 = 11;
/** cycle, time and instret may be read. */
const allCounters = 7;

/** Path of the first process in every root file system. */
export const initPath = "/.assay/init";

/** What the kernel is told, `lpj` so that it need not measure its own speed; and init: where the images of the inputs are. */
export function bootArguments({ input, dependencies }: GuestLayout): string {
  const at = (linear: number) => `0x${physical(linear).toString(16)}`;
  return (
    `console=hvc0 quiet lpj=40000 no4lvl no5lvl panic=-1 root=/dev/mtdblock0 rootfstype=erofs ro init=${initPath} ` +
    `assay.source=${at(input.address + inputHeaderBytes)} assay.dependencies=${at(dependencies.address)}`
  );
}

/** Where everything of an environment lies. */
export function layoutOf({ images, ramSize, inputLog2Size, outputLog2Size }: GuestSettings): GuestLayout {
  const sizes = { kernelSize: images.kernel.size, rootSize: images.root.size };
  return planLayout({ ...sizes, ramSize, inputLog2Size, outputLog2Size });
}

export function inputDriveOf(settings: GuestSettings): Drive {
  return { address: layoutOf(settings).input.address, log2Size: settings.inputLog2Size };
}

export function dependencyDriveOf(settings: GuestSettings): Drive {
  return { address: layoutOf(settings).dependencies.address, log2Size: settings.inputLog2Size };
}

/** The emulator's binary with the environment's amount of memory. */
export function environmentBinary(emulator: Uint8Array, settings: GuestSettings): Uint8Array {
  return setMemoryPages(decodeModule(emulator), layoutOf(settings).memoryPages);
}

/**
 * What is in memory before the first tick, the input drive apart, by ascending address.
 * @throws AssayError `guest/bad-image` when an image has another size than the environment says
 */
export function startMemory(settings: GuestSettings, images: Images): MemoryImage[] {
  for (const name of imageNames) checkSize(name, settings.images[name].size, images[name].length);
  const layout = layoutOf(settings);
  return [
    { address: startPage, bytes: encodeStart(startOf(settings, layout), layout.memoryPages * memoryPageBytes) },
    { address: layout.root.address, bytes: images.root },
    { address: layout.deviceTree, bytes: encodeDeviceTree(guestDeviceTree(layout, bootArguments(layout))) },
    { address: layout.kernel, bytes: images.kernel },
  ].sort((a, b) => a.address - b.address);
}

/** The start memory as drives of the machine: cut into pieces that are aligned to their sizes. */
export function startDrives(settings: GuestSettings, images: Images): DriveImage[] {
  return startMemory(settings, images).flatMap(cutIntoDrives);
}

/**
 * Derives the manifest from the program and the images. Slow: it hashes the whole first state once.
 * @param program the lowered `environmentBinary`.
 */
export function makeManifest(
  settings: GuestSettings,
  program: ClaimableProgram,
  images: Images,
  hasher: Hasher,
): GuestManifest {
  const layout = layoutOf(settings);
  if (program.memoryPages !== layout.memoryPages) {
    throw new AssayError(
      "guest/bad-layout",
      `the program has ${program.memoryPages} pages of memory, the environment needs ${layout.memoryPages}`,
      { given: program.memoryPages, expected: layout.memoryPages },
    );
  }
  const drive = inputDriveOf(settings);
  const dependencies = dependencyDriveOf(settings);
  const { name, program: published } = settings;
  const { id, siblings } = environmentOf(
    { name, program: published, drive, dependencies },
    program,
    hasher,
    startDrives(settings, images),
  );
  return { version: 2, ...settings, id, siblings };
}

/** The part of a manifest with which clients compute build ids. */
export function environmentOfManifest(manifest: GuestManifest): Environment {
  const { name, program, id, siblings } = manifest;
  const drives = { drive: inputDriveOf(manifest), dependencies: dependencyDriveOf(manifest) };
  return { version: 1, name, program, ...drives, id, siblings };
}

/** The hart begins at the kernel in supervisor mode, with a1 at the device tree. */
function startOf({ eventsPerTick, timeDivider }: GuestSettings, layout: GuestLayout): Start {
  const { guestSize, kernel, deviceTree, input, output, writable } = layout;
  return {
    ...{ guestSize, eventsPerTick, timeDivider, firmware: true },
    ...{ pc: BigInt(physical(kernel)), privilege: privilege.supervisor },
    x: { [argument1]: BigInt(physical(deviceTree)) },
    ...{ mcounteren: allCounters, scounteren: allCounters },
    ...{ inputDrive: input.address, inputSize: 2 * input.size, outputDrive: output.address, outputSize: output.size },
    writable: { from: writable.address, end: writable.address + writable.size },
  };
}

/** Pieces of 2^n bytes, as large as alignment and length allow; the last one is filled up to a page. */
function cutIntoDrives({ address, bytes }: MemoryImage): DriveImage[] {
  const drives: DriveImage[] = [];
  for (let from = 0; from < bytes.length; ) {
    let log2Size = 12;
    while ((address + from) % 2 ** (log2Size + 1) === 0 && from + 2 ** (log2Size + 1) <= bytes.length) log2Size++;
    drives.push({ address: address + from, log2Size, bytes: bytes.subarray(from, from + 2 ** log2Size) });
    from += 2 ** log2Size;
  }
  return drives;
}

function checkSize(name: ImageName, expected: number, given: number): void {
  if (given === expected) return;
  throw new AssayError("guest/bad-image", `the image "${name}" has ${given} bytes, the environment says ${expected}`, {
    name,
    expected,
    given,
  });
}
