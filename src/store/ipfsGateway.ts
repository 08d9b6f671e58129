import { fromHex } from "../core/bytes.ts";
import { type ContentId, contentIdOf } from "./contentId.ts";
import { type Answer, fetchBytes, type Refusal } from "./fetchContent.ts";
import type { FetchLimits } from "./fetchLimits.ts";
import { BadTree, isBlock, readUnixFile } from "./ipfsFile.ts";
import { type IpfsLibraries, rawCode, sha256Code } from "./ipfsLibraries.ts";

type Cid = InstanceType<IpfsLibraries["CID"]>;

/** Largest block that gateways give out: larger contents are trees. */
export const mostBlockBytes = 2 ** 21;

/** The CID of a content that is one block: its sha256 in another spelling. */
export function blockCid({ CID, digest }: IpfsLibraries, id: ContentId): Cid {
  return CID.createV1(rawCode, digest.create(sha256Code, fromHex(`0x${id.slice("sha256:".length)}`, 32))) as Cid;
}

/** What one gateway is asked for. */
export interface GatewayRequest {
  readonly libraries: IpfsLibraries;
  /** A trustless gateway: `/ipfs/<cid>` is below it. */
  readonly gateway: string;
  readonly maxBytes: number;
  readonly limits: FetchLimits;
  readonly signal?: AbortSignal | undefined;
}

/** Asks a gateway for a content as one block. @throws AssayError `store/cancelled` */
export async function fetchBlock(asked: GatewayRequest, cid: Cid): Promise<Answer<Uint8Array>> {
  const { gateway, maxBytes, limits, signal } = asked;
  const answer = await fetchBytes(
    String(cid),
    gatewayUrl(gateway, cid, "raw"),
    Math.min(maxBytes, mostBlockBytes),
    limits,
    signal,
  );
  if (answer.kind !== "brought" || isBlock(cid, answer.value)) return answer;
  return lied("sent other bytes than asked for");
}

/**
 * Asks a gateway for a file as an archive of blocks (CAR). Each block is checked by the hash that its parent names; blocks that the
 * archive lacks are asked for one by one.
 * @throws AssayError `store/cancelled`
 */
export async function fetchFile(asked: GatewayRequest, root: Cid): Promise<Answer<Uint8Array>> {
  const { libraries, gateway, maxBytes, limits, signal } = asked;
  // Nodes of the tree take little beside the bytes, and each block has its CID before it.
  const most = maxBytes + Math.ceil(maxBytes / 16) + 2 ** 16;
  const answer = await fetchBytes(String(root), gatewayUrl(gateway, root, "car"), most, limits, signal);
  if (answer.kind !== "brought") return answer;
  const blocks = await blocksIn(libraries, answer.value);
  if (!(blocks instanceof Map)) return blocks;
  let missingBlock: Refusal | undefined;
  try {
    const readBlock = async (cid: Cid) => {
      const found = blocks.get(String(cid));
      if (found !== undefined) return found;
      const block = await fetchBlock(asked, cid);
      if (block.kind === "brought") return block.value;
      missingBlock = block;
      throw new BadTree(block.why);
    };
    return { kind: "brought", value: await readUnixFile(libraries, root, readBlock, maxBytes) };
  } catch (error) {
    if (!(error instanceof BadTree)) throw error;
    // What the root leads to somebody else has said: the gateway has only sent it.
    return missingBlock ?? { kind: "missing", why: error.message };
  }
}

async function blocksIn(
  { CarBlockIterator }: IpfsLibraries,
  archive: Uint8Array,
): Promise<Map<string, Uint8Array> | Refusal> {
  const blocks = new Map<string, Uint8Array>();
  try {
    for await (const { cid, bytes } of await CarBlockIterator.fromBytes(archive)) {
      if (!isBlock(cid as unknown as Cid, bytes)) return lied("sent a block that is not what its name says");
      blocks.set(String(cid), bytes);
    }
  } catch {
    return lied("sent no archive of blocks");
  }
  return blocks;
}

/** Checks a file by the id of the content. */
export function checkFile(id: ContentId, answer: Answer<Uint8Array>): Answer<Uint8Array> {
  if (answer.kind !== "brought" || contentIdOf(answer.value) === id) return answer;
  return { kind: "missing", why: "has another file under the CID that was named" };
}

/** Where a gateway has a block, or the archive of the blocks below one. */
export function gatewayUrl(gateway: string, cid: Cid, format: "raw" | "car"): URL {
  const url = new URL(`ipfs/${cid}`, gateway.endsWith("/") ? gateway : `${gateway}/`);
  url.searchParams.set("format", format);
  return url;
}

function lied(why: string): Refusal {
  return { kind: "lied", why };
}
