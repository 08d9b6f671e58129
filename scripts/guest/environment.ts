import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Hex } from "../../src/core/bytes.ts";
import type { GuestManifest, GuestSettings, Images } from "../../src/guest/manifest.ts";
import { encodeManifest } from "../../src/guest/manifestText.ts";
import { deriveManifest } from "../../src/guest/node/deriveEnvironment.ts";
import { imageFile, manifestFile } from "../../src/guest/node/environmentCache.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { writeFileAtomically } from "../../src/store/node/atomicFile.ts";
import { folder } from "./cache.ts";

const emulatorFile = new URL("../../build/wasm/emulator.wasm", import.meta.url);
const mebibyte = 2 ** 20;

/** What is chosen for an environment; the rest follows from its images. */
export type Choice = Pick<
  GuestSettings,
  "ramSize" | "inputLog2Size" | "outputLog2Size" | "eventsPerTick" | "timeDivider" | "tickLimit"
>;

/** The time divider makes a guest of 1,000 MIPS. */
const common = { inputLog2Size: 27, outputLog2Size: 26, eventsPerTick: 2 ** 20, timeDivider: 100, tickLimit: 65_536 };

/** RAM holds an unpacked source, what is built, and the compiler. */
export const choices = {
  small: { ramSize: 128 * mebibyte, ...common },
  gcc: { ramSize: 512 * mebibyte, ...common },
} as const satisfies Readonly<Record<string, Choice>>;

export type EnvironmentName = keyof typeof choices;

/** Derives the environment of this name from its images and writes its manifest into the cache. */
export async function makeEnvironment(name: EnvironmentName, kernel: string, root: string): Promise<GuestManifest> {
  const emulator = new Uint8Array(await readFile(emulatorFile));
  const images: Images = { kernel: await readImage(kernel), root: await readImage(root) };
  const settings: GuestSettings = {
    name,
    program: { name: "emulator", sha256: `0x${createHash("sha256").update(emulator).digest("hex")}` },
    images: {
      kernel: { sha256: `0x${kernel}`, size: images.kernel.length },
      root: { sha256: `0x${root}`, size: images.root.length },
    },
    ...choices[name],
  };
  const manifest = deriveManifest(settings, emulator, images, await loadKeccakKernel());
  await writeFileAtomically(manifestFile(folder, name), encodeManifest(manifest));
  return manifest;
}

async function readImage(sha256: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(imageFile(folder, `0x${sha256}` as Hex)));
}
