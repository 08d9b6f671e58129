import { readFile } from "node:fs/promises";
import { merkleError } from "../errors.ts";
import { KeccakKernel } from "../keccakKernel.ts";

/** Where `npm run build:wasm` puts the kernel, seen from the sources as from `dist`. */
const kernelFile = new URL("../../../build/wasm/keccak.wasm", import.meta.url);

/** Bytes of the built hash kernel. @throws AssayError `merkle/bad-kernel` when it has not been built. */
export async function readKeccakKernel(): Promise<Uint8Array> {
  try {
    return await readFile(kernelFile);
  } catch (cause) {
    throw merkleError("merkle/bad-kernel", "the hash kernel is not built: run `npm run build:wasm`", {}, { cause });
  }
}

/** A new hash kernel. */
export async function loadKeccakKernel(): Promise<KeccakKernel> {
  return KeccakKernel.create(await readKeccakKernel());
}
