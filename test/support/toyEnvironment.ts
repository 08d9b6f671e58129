import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Hex } from "../../src/core/bytes.ts";
import type { GuestManifest, GuestSettings, Images } from "../../src/guest/manifest.ts";
import { imageNames } from "../../src/guest/manifest.ts";
import { encodeManifest } from "../../src/guest/manifestText.ts";
import { deriveManifest } from "../../src/guest/node/deriveEnvironment.ts";
import { imageFile, manifestFile } from "../../src/guest/node/environmentCache.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { Random } from "./random.ts";
import { seed } from "./seed.ts";

export interface ToyEnvironment {
  readonly manifest: GuestManifest;
  readonly images: Images;
}

/** The emulator as it is built here. */
export const emulatorBinary = new Uint8Array(readFileSync(new URL("../../build/wasm/emulator.wasm", import.meta.url)));

export function sha256Of(bytes: Uint8Array): Hex {
  return `0x${createHash("sha256").update(bytes).digest("hex")}`;
}

function noise(length: number): Uint8Array {
  const random = new Random(seed + length);
  return Uint8Array.from({ length }, () => random.below(256));
}

const noiseImages = (): Images => ({ kernel: noise(300_001), root: noise(16 * 4096) });

/** An environment on images that hold noise unless others are given, with as little RAM as there can be. */
export async function toyEnvironment(
  changes: Partial<GuestSettings> = {},
  images: Images = noiseImages(),
): Promise<ToyEnvironment> {
  const reference = (bytes: Uint8Array) => ({ sha256: sha256Of(bytes), size: bytes.length });
  const settings: GuestSettings = {
    name: "toy",
    program: { name: "emulator", sha256: sha256Of(emulatorBinary) },
    images: { kernel: reference(images.kernel), root: reference(images.root) },
    ramSize: 32 * 2 ** 20,
    inputLog2Size: 16,
    outputLog2Size: 17,
    eventsPerTick: 2 ** 20,
    timeDivider: 100,
    tickLimit: 65_536,
    ...changes,
  };
  return { manifest: deriveManifest(settings, emulatorBinary, images, await loadKeccakKernel()), images };
}

/** Puts an environment into a cache folder. */
export async function keepEnvironment(folder: string, { manifest, images }: ToyEnvironment): Promise<void> {
  const put = async (file: string, content: Uint8Array | string) => {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  };
  for (const name of imageNames) await put(imageFile(folder, manifest.images[name].sha256), images[name]);
  await put(manifestFile(folder, manifest.name), encodeManifest(manifest));
}
