import { createHash } from "node:crypto";
import { dagPbCode, type IpfsLibraries, loadIpfs, rawCode, sha256Code } from "../ipfsLibraries.ts";

type Cid = InstanceType<IpfsLibraries["CID"]>;

/** A content as others find it in IPFS. */
export interface IpfsArchive {
  /** Of the file: the root of its tree of blocks. */
  readonly cid: string;
  /** A CAR: every block of it, each before those that it names, for `ipfs dag import` and for pinning services. */
  readonly archive: AsyncIterable<Uint8Array>;
}

interface Block {
  readonly cid: Cid;
  readonly bytes: Uint8Array;
}

/** A part of the file: what a node says of it. */
interface Subtree {
  readonly cid: Cid;
  /** Bytes of the file in it, and of all its blocks. */
  readonly fileSize: number;
  readonly blocksSize: number;
}

/** Bytes of a leaf. */
const leafBytes = 2 ** 20;
/** Links of a node, as other programs have it by default. */
const mostLinks = 174;

/**
 * Makes the archive of a content: a UnixFS file as other programs make it with CIDs of version 1, a balanced tree over raw leaves of
 * 1 MiB. It is the same for the same bytes; that of a content of one leaf is that block, whose CID is its sha256 in another spelling.
 * @throws AssayError `store/no-ipfs-fault`
 */
export async function packForIpfs(bytes: Uint8Array): Promise<IpfsArchive> {
  const libraries = await loadIpfs();
  const blocks: Block[] = [];
  const cid = rootOf(libraries, bytes, blocks);
  const { writer, out } = libraries.CarWriter.create([cid]);
  const write = async () => {
    for (const block of blocks.reverse()) await writer.put(block);
    await writer.close();
  };
  // It goes on as the archive is read, which is where a failure shows.
  void write();
  return { cid: cid.toString(), archive: out };
}

function rootOf(libraries: IpfsLibraries, bytes: Uint8Array, blocks: Block[]): Cid {
  let level: Subtree[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += leafBytes) {
    const leaf = bytes.subarray(at, at + leafBytes);
    const cid = addBlock(libraries, rawCode, leaf, blocks);
    level.push({ cid, fileSize: leaf.length, blocksSize: leaf.length });
  }
  while (level.length > 1) {
    const above: Subtree[] = [];
    for (let at = 0; at < level.length; at += mostLinks) {
      above.push(parentOf(libraries, level.slice(at, at + mostLinks), blocks));
    }
    level = above;
  }
  return level[0]!.cid;
}

function parentOf(libraries: IpfsLibraries, children: readonly Subtree[], blocks: Block[]): Subtree {
  const { UnixFS, dagPb } = libraries;
  const file = new UnixFS({ type: "file", blockSizes: children.map(({ fileSize }) => BigInt(fileSize)) });
  const links = children.map(({ cid, blocksSize }) => ({ Name: "", Hash: cid, Tsize: blocksSize }));
  const bytes = dagPb.encode(dagPb.prepare({ Data: file.marshal(), Links: links }));
  const sum = (of: (child: Subtree) => number) => children.reduce((total, child) => total + of(child), 0);
  return {
    cid: addBlock(libraries, dagPbCode, bytes, blocks),
    fileSize: sum(({ fileSize }) => fileSize),
    blocksSize: bytes.length + sum(({ blocksSize }) => blocksSize),
  };
}

function addBlock({ CID, digest }: IpfsLibraries, code: number, bytes: Uint8Array, blocks: Block[]): Cid {
  const hash = createHash("sha256").update(bytes).digest();
  const cid = CID.createV1(code, digest.create(sha256Code, new Uint8Array(hash))) as Cid;
  blocks.push({ cid, bytes });
  return cid;
}
