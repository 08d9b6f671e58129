import { toHex } from "../core/bytes.ts";
import { contentIdOf } from "./contentId.ts";
import { dagPbCode, type IpfsLibraries, rawCode, sha256Code } from "./ipfsLibraries.ts";

type Cid = InstanceType<IpfsLibraries["CID"]>;

/** Levels of a tree: with 174 links in each, far more than any file has. */
const mostDepth = 16;
/** Nodes that are looked at for each MiB of a file, so that a tree of empty nodes ends. */
const nodesPerMebibyte = 64;

/** Why a file could not be read from its blocks, as the end of a sentence that begins with the gateway. */
export class BadTree extends Error {}

/** Reads a block by its CID, whose hash it has. */
export type ReadBlock = (cid: Cid) => Promise<Uint8Array>;

/** Whether some bytes are the block that a CID names. Only sha2-256 is known: what is hashed otherwise is no block of a content here. */
export function isBlock(cid: Cid, bytes: Uint8Array): boolean {
  const { code, digest } = cid.multihash;
  return code === sha256Code && contentIdOf(bytes) === `sha256:${toHex(digest).slice(2)}`;
}

/**
 * The bytes of a UnixFS file: a tree of blocks, each of which its parent names by hash.
 * @param maxBytes more are not read. @throws BadTree for anything that is no file, is larger, or is too deep
 */
export async function readUnixFile(
  { dagPb, UnixFS }: IpfsLibraries,
  root: Cid,
  readBlock: ReadBlock,
  maxBytes: number,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  let nodesLeft = nodesPerMebibyte * (1 + Math.ceil(maxBytes / 2 ** 20));
  const add = (bytes: Uint8Array) => {
    size += bytes.length;
    if (size > maxBytes) throw new BadTree(`sends more than ${maxBytes} bytes`);
    if (bytes.length > 0) pieces.push(bytes);
  };
  const visit = async (cid: Cid, depth: number): Promise<void> => {
    if (nodesLeft-- === 0 || depth > mostDepth) throw new BadTree("sent a tree of too many blocks");
    const bytes = await readBlock(cid);
    if (cid.code === rawCode) return add(bytes);
    if (cid.code !== dagPbCode) throw new BadTree(`sent a block of another kind (${cid.code})`);
    let data: { readonly type: string; readonly data?: Uint8Array | undefined };
    let links: readonly { readonly Hash: Cid }[];
    try {
      const node = dagPb.decode(bytes);
      data = UnixFS.unmarshal(node.Data ?? new Uint8Array());
      links = node.Links as unknown as readonly { readonly Hash: Cid }[];
    } catch {
      throw new BadTree("sent a node that cannot be read");
    }
    if (data.type !== "file" && data.type !== "raw") throw new BadTree(`sent no file but a ${data.type}`);
    add(data.data ?? new Uint8Array());
    for (const { Hash } of links) await visit(Hash, depth + 1);
  };
  await visit(root, 0);
  const file = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    file.set(piece, at);
    at += piece.length;
  }
  return file;
}
