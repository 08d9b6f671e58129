import { fileURLToPath } from "node:url";
import { AssayError } from "../../core/errors.ts";
import type { ContentId } from "../contentId.ts";
import { remoteStore } from "../httpUpload.ts";
import { fetchCids, ipfsSource } from "../ipfsStore.ts";
import { layeredStore } from "../layeredStore.ts";
import { mirrorSource } from "../mirrors.ts";
import type { ContentSource, Store } from "../store.ts";
import type { OpenStoreOptions, StoreDescription, StoreKind } from "../storeKind.ts";
import { readCidsFile } from "./cidsFile.ts";
import { directoryStore } from "./directoryStore.ts";
import { readStoreToken } from "./storeToken.ts";

const openDirectory = (url: string, { onCorrupt }: OpenStoreOptions) =>
  directoryStore(fileURLToPath(url), onCorrupt && { onCorrupt });

/** Folders of this machine. */
const directories: StoreKind = {
  schemes: ["file:"],
  openRead: (urls, options) =>
    layeredStore(
      [],
      urls.map((url) => openDirectory(url, options)),
    ),
  openWrite: ({ url }, options) => openDirectory(url, options),
};

/** Other machines, by HTTP. */
const mirrors: StoreKind = {
  schemes: ["https:", "http:"],
  openRead: (urls, { signal, onFault }) => mirrorSource(urls, { signal, onFault }),
  openWrite: (description, { signal, onFault }) =>
    remoteStore(description.url, readStoreToken(description), { signal, onFault }),
};

/** IPFS, by way of trustless gateways; the other stores say which CID the file with a content has. */
const gateways: StoreKind = {
  schemes: ["ipfs+https:", "ipfs+http:"],
  openRead: (urls, { signal, onFault, others = [] }) =>
    ipfsSource(urls, async (id) => await cidsOf(others, id, signal), { signal, onFault }),
};

async function cidsOf(stores: readonly string[], id: ContentId, signal: AbortSignal | undefined): Promise<string[]> {
  const found: string[] = [];
  for (const url of stores) {
    if (/^https?:/.test(url)) found.push(...(await fetchCids(url, id, signal)));
    else if (url.startsWith("file:")) found.push(...(await readCidsFile(fileURLToPath(url), id)));
  }
  return [...new Set(found)];
}

/** Every kind of stores; each scheme has one. */
const kinds: readonly StoreKind[] = [directories, mirrors, gateways];

/** What a store's URL can begin with. */
export const storeSchemes: readonly string[] = kinds.flatMap(({ schemes }) => schemes);
export const writableStoreSchemes: readonly string[] = kinds.flatMap((kind) => (kind.openWrite ? kind.schemes : []));

/**
 * One store over all that are described: read from each, those that are written to first; written to those that are marked.
 * @throws AssayError `store/bad-description`, `store/bad-tokens`
 */
export function openStore(descriptions: readonly StoreDescription[], options: OpenStoreOptions = {}): Store {
  const written = descriptions.filter(({ write }) => write);
  const others = descriptions.map(({ url }) => url);
  const read = descriptions.filter(({ write }) => !write).map(({ url }) => url);
  return layeredStore(
    written.map((description) => openWritten(description, options)),
    kinds.flatMap((kind) => {
      const own = read.filter((url) => kindOf(url) === kind);
      return own.length === 0 ? [] : [kind.openRead(own, { ...options, others })];
    }),
    options.onUnkept,
  );
}

/** Opens one store that is written to. @throws AssayError `store/bad-description`, `store/bad-tokens` */
export function openWritten(description: StoreDescription, options: OpenStoreOptions = {}): Store {
  const { url } = description;
  const { openWrite } = kindOf(url);
  if (openWrite !== undefined) return openWrite(description, options);
  throw badDescription(url, `cannot be written to: only ${writableStoreSchemes.join(", ")} can`);
}

/** Opens one store to be read. @throws AssayError `store/bad-description` */
export function openRead({ url }: StoreDescription, options: OpenStoreOptions = {}): ContentSource {
  return kindOf(url).openRead([url], options);
}

/** The folder of the first store on this machine that is written to; undefined if there is none. */
export function folderOf(descriptions: readonly StoreDescription[]): string | undefined {
  const found = descriptions.find(({ url, write }) => write && url.startsWith("file:"));
  return found && fileURLToPath(found.url);
}

function kindOf(url: string): StoreKind {
  const kind = kinds.find(({ schemes }) => schemes.some((scheme) => url.startsWith(scheme)));
  if (kind === undefined) throw badDescription(url, `must begin with ${storeSchemes.join(", ")}`);
  return kind;
}

function badDescription(url: string, fact: string) {
  return new AssayError("store/bad-description", `the store ${url} ${fact}`, { url });
}
