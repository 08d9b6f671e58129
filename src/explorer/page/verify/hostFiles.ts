/** The WebAssembly that comes with the page: fetched when it is needed, and checked by the hashes that the page was built with. */
import type { Hex } from "../../../core/bytes.ts";
import { AssayError } from "../../../core/errors.ts";
import { KeccakKernel } from "../../../merkle/keccakKernel.ts";
import { releaseTarball } from "../../../programs/releaseTarball/manifest.ts";
import { contentIdOf } from "../../../store/contentId.ts";

/** A file that the page's host has, and its sha256. */
export interface HostFile {
  readonly name: string;
  readonly url: URL;
  readonly sha256: Hex;
}

export const keccakFile: HostFile = {
  name: "keccak.wasm",
  url: new URL("../../../../build/wasm/keccak.wasm", import.meta.url),
  sha256: "0x8b464fc61039589e2ed8dbf30119976e47e15a416cedee69911de02a672f0cd9",
};
export const fingerprintFile: HostFile = {
  name: "fingerprint.wasm",
  url: new URL("../../../../build/wasm/fingerprint.wasm", import.meta.url),
  sha256: "0xb2b029bf32fdc238c8137062ab92e6755df06dbd9cd48e6f49f1a50602fa40b3",
};
export const emulatorFile: HostFile = {
  name: "emulator.wasm",
  url: new URL("../../../../build/wasm/emulator.wasm", import.meta.url),
  sha256: "0x34e593b113317a6d9e3bfed707c5702a658aec1a0b6d9ae86c71d83c9b36282e",
};
export const releaseTarballFile: HostFile = {
  name: "releaseTarball.wasm",
  url: new URL("../../../../build/wasm/releaseTarball.wasm", import.meta.url),
  sha256: releaseTarball.sha256,
};

/** @throws AssayError `verify/other-file` */
export async function readHostFile({ name, url, sha256 }: HostFile): Promise<Uint8Array> {
  let why: string;
  try {
    const response = await fetch(url, { credentials: "omit" });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const given = contentIdOf(bytes);
    if (response.ok && given === `sha256:${sha256.slice(2)}`) return bytes;
    why = response.ok ? `is another file (${given}) than the page was built with` : `has status ${response.status}`;
  } catch (error) {
    why = `cannot be had: ${(error as Error).message}`;
  }
  throw new AssayError("verify/other-file", `${name} of this page's host ${why}: load the page again`, { name });
}

/** The kernel of hashes. @throws AssayError `verify/other-file`, `merkle/bad-kernel` */
export async function loadKernel(): Promise<KeccakKernel> {
  const [keccak, fingerprint] = await Promise.all([readHostFile(keccakFile), readHostFile(fingerprintFile)]);
  return KeccakKernel.create({ keccak, fingerprint });
}
