/** Stores as a page reads them. */
import type { Root } from "../../../core/bytes.ts";
import { indexPath, manifestsIn, mostIndexBytes } from "../../../guest/environmentIndex.ts";
import type { GuestManifest } from "../../../guest/manifest.ts";
import type { Hasher } from "../../../merkle/hasher.ts";
import { fetchBytes } from "../../../store/fetchContent.ts";
import { defaultFetchLimits } from "../../../store/fetchLimits.ts";
import { layeredStore } from "../../../store/layeredStore.ts";
import { mirrorSource } from "../../../store/mirrors.ts";
import type { ContentSource } from "../../../store/store.ts";

const isMirror = (url: string) => /^https?:/.test(url);

/**
 * One source over all stores that a page can read: mirrors, then gateways of IPFS.
 * @param onFault told of stores that fail or send other bytes.
 */
export function openSources(stores: readonly string[], onFault: (text: string) => void): ContentSource {
  const mirrors = stores.filter(isMirror);
  const gateways = stores.filter((url) => /^ipfs\+https?:/.test(url));
  const tell = ({ mirror, why }: { readonly mirror: string; readonly why: string }) => onFault(`${mirror} ${why}`);
  const sources: ContentSource[] = [];
  if (mirrors.length > 0) sources.push(mirrorSource(mirrors, { onFault: tell }));
  if (gateways.length > 0) sources.push(lateSource(async () => await openGateways(gateways, mirrors, tell)));
  return layeredStore([], sources);
}

/** The libraries for IPFS are asked of the host when they are needed. */
async function openGateways(
  gateways: readonly string[],
  mirrors: readonly string[],
  onFault: (fault: { readonly mirror: string; readonly why: string }) => void,
): Promise<ContentSource> {
  const { fetchCids, ipfsSource } = await import("../../../store/ipfsStore.ts");
  const cidsOf = async (id: Parameters<ContentSource["get"]>[0]) => {
    const found = await Promise.all(mirrors.map(async (url) => await fetchCids(url, id)));
    return [...new Set(found.flat())];
  };
  return ipfsSource(gateways, cidsOf, { onFault });
}

function lateSource(open: () => Promise<ContentSource>): ContentSource {
  let opened: Promise<ContentSource> | undefined;
  const source = async () => {
    opened ??= open();
    return await opened;
  };
  return {
    get: async (id, maxBytes) => await (await source()).get(id, maxBytes),
    has: async (id) => await (await source()).has(id),
  };
}

/**
 * What stores say that a guest's environment is made of: each manifest leads to the id, of at most one the images do so too.
 * @param onFault told of stores that could not be asked.
 */
export async function findManifests(
  id: Root,
  places: readonly string[],
  hasher: Hasher,
  onFault: (text: string) => void,
): Promise<GuestManifest[]> {
  const path = indexPath(id);
  const found = await Promise.all(
    places.filter(isMirror).map(async (url) => {
      const place = new URL(path, url.endsWith("/") ? url : `${url}/`);
      const answer = await fetchBytes(path, place, mostIndexBytes, defaultFetchLimits);
      if (answer.kind === "brought") return manifestsIn(new TextDecoder().decode(answer.value), id, hasher);
      if (answer.kind !== "missing") onFault(`${url} ${answer.why}`);
      return [];
    }),
  );
  const distinct = new Map(found.flat().map((manifest) => [JSON.stringify(manifest), manifest]));
  return [...distinct.values()];
}
