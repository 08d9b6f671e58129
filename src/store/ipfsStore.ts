import type { ContentId } from "./contentId.ts";
import { type Answer, fetchBytes, probeUrl } from "./fetchContent.ts";
import { defaultFetchLimits } from "./fetchLimits.ts";
import { blockCid, checkFile, fetchBlock, fetchFile, type GatewayRequest, gatewayUrl } from "./ipfsGateway.ts";
import { type IpfsLibraries, loadIpfs } from "./ipfsLibraries.ts";
import { type MirrorOptions, mirrorHealth } from "./mirrorHealth.ts";
import { nobodyBrought } from "./mirrors.ts";
import type { ContentSource } from "./store.ts";

type Cid = InstanceType<IpfsLibraries["CID"]>;

/** Says by which CIDs the file with a content may be found; nothing of it is trusted. */
export type CidsOf = (id: ContentId) => Promise<readonly string[]>;

/** CIDs that are tried for one content. */
const mostCids = 4;

/**
 * Reads contents from IPFS by way of trustless gateways, without a node. A content that is one block is found by its hash. A larger one is
 * a tree of blocks whose root has another hash: where that is said (`cidsOf`), it is fetched as an archive of blocks.
 * @param urls `ipfs+https://<gateway>`
 */
export function ipfsSource(urls: readonly string[], cidsOf: CidsOf, options: MirrorOptions = {}): ContentSource {
  const { limits = defaultFetchLimits, signal } = options;
  const health = mirrorHealth(urls, options);

  async function get(id: ContentId, maxBytes: number): Promise<Uint8Array> {
    const libraries = await loadIpfs();
    const asked = health.interview(id);
    const request = (url: string): GatewayRequest => ({
      libraries,
      gateway: url.slice("ipfs+".length),
      maxBytes,
      limits,
      signal,
    });
    let roots: Promise<Cid[]> | undefined;
    for (const url of asked.awake) {
      let answer = await fetchBlock(request(url), blockCid(libraries, id));
      if (answer.kind === "missing" || answer.kind === "too-large") {
        roots ??= readCids(libraries, id, cidsOf);
        for (const root of await roots) {
          answer = checkFile(id, await fetchFile(request(url), root));
          if (answer.kind === "brought") break;
        }
      }
      if (answer.kind === "brought") {
        health.praise(url);
        return answer.value;
      }
      asked.refuse(url, answer);
    }
    throw nobodyBrought(id, asked.answers);
  }

  return {
    get,
    async has(id) {
      const libraries = await loadIpfs();
      const asked = health.interview(id);
      for (const url of asked.awake) {
        const gateway = url.slice("ipfs+".length);
        const roots = await readCids(libraries, id, cidsOf);
        const places = [
          gatewayUrl(gateway, blockCid(libraries, id), "raw"),
          ...roots.map((root) => gatewayUrl(gateway, root, "car")),
        ];
        for (const place of places) {
          const answer = await probeUrl(id, place, limits, signal);
          if (answer.kind === "brought") return true;
          asked.refuse(url, answer);
        }
      }
      if (asked.answers.every(({ kind }) => kind === "missing")) return false;
      throw nobodyBrought(id, asked.answers);
    },
  };
}

async function readCids({ CID }: IpfsLibraries, id: ContentId, cidsOf: CidsOf): Promise<Cid[]> {
  return (await cidsOf(id)).slice(0, mostCids).flatMap((text) => {
    try {
      return [CID.parse(text) as Cid];
    } catch {
      return [];
    }
  });
}

/** Where a store says by which CIDs a content can be found: a line for each. */
export function cidsPath(id: ContentId): string {
  return `cids/${id.slice("sha256:".length)}`;
}

/** The content whose CIDs are at a path; undefined if none are. */
export function cidsAt(path: string): ContentId | undefined {
  const digits = /^cids\/([0-9a-f]{64})$/.exec(path)?.[1];
  return digits === undefined ? undefined : `sha256:${digits}`;
}

/** Bytes of such a file. */
export const mostCidsBytes = 4096;

/** Asks a server for the CIDs of a content; one that cannot be asked says none. */
export async function fetchCids(url: string, id: ContentId, signal?: AbortSignal): Promise<string[]> {
  const path = cidsPath(id);
  const place = new URL(path, url.endsWith("/") ? url : `${url}/`);
  const answer: Answer<Uint8Array> = await fetchBytes(path, place, mostCidsBytes, defaultFetchLimits, signal);
  return answer.kind === "brought" ? cidsIn(new TextDecoder().decode(answer.value)) : [];
}

/** The CIDs in such a file. */
export function cidsIn(text: string): string[] {
  return text.split(/\s+/).filter((word) => /^[A-Za-z0-9]{20,120}$/.test(word));
}
