import { base64, hex } from "@scure/base";
import { parseNpmLock } from "../packages/npmLock.ts";
import { hashOf } from "./digest.ts";
import { type Ecosystem, type Item, type Layer, layerFolder } from "./ecosystem.ts";
import type { DependencyEntry, LayerEntry } from "./entry.ts";
import { badLock } from "./errors.ts";

/** Guests are Linux on RISC-V; packages for any C library are taken. */
const guestPlatform = { os: "linux", cpu: "riscv64" };
/** The public registry, and where npm looks by default. */
export const npmRegistry = "https://registry.npmjs.org";
const cache = `${layerFolder}/npm/_cacache`;
const utf8 = new TextEncoder();

/**
 * npm: a cache as its own library `cacache` writes it. A package whose lock has address and digest is found by the digest alone; for
 * locks without addresses there is, for each name, what the registry would say of the versions that are locked.
 */
export const npm: Ecosystem = {
  kind: "npm",
  lockFiles: ["package-lock.json", "npm-shrinkwrap.json"],
  parse(text, path) {
    // An archive in the project's own folder comes with the source.
    const others = parseNpmLock(text, path, guestPlatform).filter(({ from }) => from?.startsWith("file:") !== true);
    return others.map(({ name, version, digest, from, why }) => {
      if (digest !== undefined)
        return { kind: "npm", name, version, digests: [digest], ...(from !== undefined && { from: [from] }) };
      throw badLock(path, `${name} ${version} cannot be taken: ${why ?? "it has no digest"}`);
    });
  },
  async digestOf(bytes, algorithm) {
    return await hashOf(algorithm === "sha512" ? "SHA-512" : "SHA-256", bytes);
  },
  layer: npmCache,
  variables: {
    npm_config_cache: `/${layerFolder}/npm`,
    npm_config_offline: "true",
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_update_notifier: "false",
  },
};

function npmCache(): Layer {
  const versions = new Map<string, DependencyEntry[]>();
  const contents = new Set<string>();
  return {
    async add({ entry, content }: Item) {
      versions.set(entry.name, [...(versions.get(entry.name) ?? []), entry]);
      const [algorithm, digest] = entry.pinned.split(":") as [string, string];
      const path = contentPath(algorithm, digest);
      if (contents.has(path)) return [];
      contents.add(path);
      return [{ path, kind: "file", content }];
    },
    async finish() {
      const all: LayerEntry[] = [];
      for (const [name, entries] of versions) all.push(...(await registryAnswers(name, entries)));
      return all;
    },
  };
}

function contentPath(algorithm: string, digest: string): string {
  return `${cache}/content-v2/${algorithm}/${digest.slice(0, 2)}/${digest.slice(2, 4)}/${digest.slice(4)}`;
}

/** Where npm looks for a package's archive, when its lock does not say. */
export function npmAddress(name: string, version: string): string {
  return `${npmRegistry}/${name}/-/${name.slice(name.indexOf("/") + 1)}-${version}.tgz`;
}

function integrityOf(pinned: string): string {
  const [algorithm, digest] = pinned.split(":") as [string, string];
  return `${algorithm}-${base64.encode(hex.decode(digest))}`;
}

/** What the registry would answer to a request for a package, and to those for its archives. */
async function registryAnswers(name: string, entries: readonly DependencyEntry[]): Promise<LayerEntry[]> {
  const dists = entries.map(({ version, pinned, size }) => {
    return { version, size, tarball: npmAddress(name, version), integrity: integrityOf(pinned) };
  });
  const versions = dists.map(({ version, tarball, integrity }) => [
    version,
    { name, version, dist: { tarball, integrity } },
  ]);
  const latest = dists.at(-1)!.version;
  const text = JSON.stringify({ name, "dist-tags": { latest }, versions: Object.fromEntries(versions) });
  const content = utf8.encode(text);
  const digest = await hashOf("SHA-512", content);
  const url = `${npmRegistry}/${name.replace("/", "%2f")}`;
  const answer = { url, integrity: integrityOf(`sha512:${digest}`), size: content.length };
  const type = "application/vnd.npm.install-v1+json";
  return [
    { path: contentPath("sha512", digest), kind: "file", content },
    await indexEntry(answer, { accept: `${type}; q=1.0, application/json; q=0.8, */*` }, type),
    ...(await Promise.all(
      dists.map(async ({ tarball, integrity, size }) => {
        return await indexEntry({ url: tarball, integrity, size }, {}, "application/octet-stream");
      }),
    )),
  ];
}

/** An answer in the cache's index, as `make-fetch-happen` writes it. */
async function indexEntry(
  { url, integrity, size }: { readonly url: string; readonly integrity: string; readonly size: number },
  reqHeaders: Readonly<Record<string, string>>,
  type: string,
): Promise<LayerEntry> {
  const key = `make-fetch-happen:request-cache:${url}`;
  // Fetched long ago, and stale since then, which npm does not mind when it is offline.
  const metadata = { time: 1, url, reqHeaders, resHeaders: { "content-type": type }, options: { compress: true } };
  const line = JSON.stringify({ key, integrity, time: 1, size, metadata });
  const bucket = await hashOf("SHA-256", utf8.encode(key));
  return {
    path: `${cache}/index-v5/${bucket.slice(0, 2)}/${bucket.slice(2, 4)}/${bucket.slice(4)}`,
    kind: "file",
    content: utf8.encode(`\n${await hashOf("SHA-1", utf8.encode(line))}\t${line}`),
  };
}
