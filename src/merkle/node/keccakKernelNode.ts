import { readFile } from "node:fs/promises";
import { AssayError } from "../../core/errors.ts";
import { packageFiles } from "../../core/node/packageFiles.ts";
import { KeccakKernel, type KernelBinaries } from "../keccakKernel.ts";

/** The built hash kernel. @throws AssayError `merkle/bad-kernel` when it has not been built. */
export async function readKeccakKernel(): Promise<KernelBinaries> {
  try {
    const [keccak, fingerprint] = await Promise.all(
      ["keccak.wasm", "fingerprint.wasm"].map(async (file) => await readFile(new URL(file, packageFiles.wasm))),
    );
    return { keccak: keccak!, fingerprint: fingerprint! };
  } catch (cause) {
    throw new AssayError("merkle/bad-kernel", "the hash kernel is not built: run `npm run build:wasm`", {}, { cause });
  }
}

/** A new hash kernel. */
export async function loadKeccakKernel(): Promise<KeccakKernel> {
  return KeccakKernel.create(await readKeccakKernel());
}
