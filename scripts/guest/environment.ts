import { type EnvironmentSizes, writeEnvironment } from "../../src/guest/images/node/buildEnvironment.ts";
import type { GuestManifest } from "../../src/guest/manifest.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { folder } from "./cache.ts";

/** RAM holds an unpacked source, what is built, and the compiler. */
export const small: EnvironmentSizes = { name: "small", ramSize: 2 ** 27, inputLog2Size: 27, outputLog2Size: 26 };

/** Derives the small environment from its images and writes its manifest into the cache. */
export async function makeSmall(kernel: string, root: string): Promise<GuestManifest> {
  return await writeEnvironment(small, { kernel, root }, folder, await loadKeccakKernel());
}
