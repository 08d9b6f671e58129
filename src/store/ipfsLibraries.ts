import { AssayError } from "../core/errors.ts";

/** What reading and writing for IPFS needs. It is loaded on demand only, and may not be installed. */
export async function loadIpfs() {
  try {
    const [{ CID }, digest, { CarBlockIterator, CarWriter }, dagPb, { UnixFS }] = await Promise.all([
      import("multiformats/cid"),
      import("multiformats/hashes/digest"),
      import("@ipld/car"),
      import("@ipld/dag-pb"),
      import("ipfs-unixfs"),
    ]);
    return { CID, digest, CarBlockIterator, CarWriter, dagPb, UnixFS };
  } catch (cause) {
    const message =
      "reading by way of IPFS needs packages that are not installed: install Assay with its optional ones";
    throw new AssayError("store/no-ipfs-fault", message, {}, { cause });
  }
}

export type IpfsLibraries = Awaited<ReturnType<typeof loadIpfs>>;

/** Multicodec numbers: of blocks that are bytes, of nodes of a tree, and of the hash that names both. */
export const rawCode = 0x55;
export const dagPbCode = 0x70;
export const sha256Code = 0x12;
