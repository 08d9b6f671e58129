import { AssayError } from "../core/errors.ts";
import { debianMirror } from "./debian.ts";
import { digestText } from "./digest.ts";
import type { DependencyEntry, DependencyKind, Wanted } from "./entry.ts";
import { goPath } from "./go.ts";
import { narAddress } from "./nixCache.ts";
import { npmAddress, npmRegistry } from "./npm.ts";
import { suitable } from "./python.ts";
import { type IndexedFile, pythonIndex } from "./pythonIndex.ts";

/** Registries that the user names, to be asked in the place of the public ones, which are asked where there is none. */
export type Registries = Readonly<Partial<Record<DependencyKind, string>>>;

const publicRegistries: Readonly<Record<DependencyKind, string>> = {
  debian: debianMirror,
  nix: "https://cache.nixos.org/",
  cargo: "https://static.crates.io/crates/",
  go: "https://proxy.golang.org/",
  npm: `${npmRegistry}/`,
  python: "https://pypi.org/simple/",
};

/** A content before its bytes are there. */
export type Located = Omit<DependencyEntry, "size" | "sha256"> & {
  /** Addresses to ask, the likeliest first; those that the lock gets are in `urls`. */
  readonly asked: readonly string[];
};

/** An index is asked over the network. */
export interface Locating {
  readonly registries: Registries;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The contents that something pinned is to be had as: one, or of Python none or more.
 * @throws AssayError `dependencies/bad-address`, and as `pythonIndex`
 */
export async function locate(wanted: Wanted, options: Locating): Promise<Located[]> {
  const { kind, name, version } = wanted;
  if (kind === "python") {
    const allowed = new Set(wanted.digests.map(({ digest }) => digest));
    const files = (await indexOf(name, options)).filter((file) => allowed.has(file.sha256));
    return suitable(files).map(({ file, url, sha256 }) => {
      const urls = url.startsWith("https:") ? [withoutSecrets(url)] : [];
      return { ...{ kind, name, version, file, urls, pinned: `sha256:${sha256}` }, asked: [url] };
    });
  }
  const parts = { mod: "go.mod", zip: "module.zip" };
  const file = wanted.part === undefined ? wanted.file : parts[wanted.part];
  const own = { kind, name, version, ...(file !== undefined && { file }) };
  const given = (wanted.from ?? []).filter((url) => /^https?:/.test(url)).map(withoutSecrets);
  const asked = given.length > 0 ? given : await publicAddresses(own, options);
  // Where the user's own cache of Nix has something is nothing to others.
  const urls = asked.filter((url) => kind !== "nix" || !isNamed(url, options.registries.nix));
  return wanted.digests.map((digest) => {
    const located = { ...own, urls, pinned: digestText(digest) };
    return { ...located, asked: addressesOf({ kind, urls: asked }, options.registries) };
  });
}

/** Where the public registry has something; of Nix's the cache that is asked says so. */
async function publicAddresses(named: Named, { registries, signal }: Locating): Promise<string[]> {
  if (named.kind !== "nix") return [addressAt(publicRegistries[named.kind], named)];
  const cache = registries.nix ?? publicRegistries.nix;
  const url = addressAt(cache, named);
  return [checkAddress(await narAddress(checkAddress(url, cache), named.name, signal), cache)];
}

/** Where an entry of a lock of dependencies is asked for. @throws AssayError `dependencies/bad-address` */
export async function relocate(entry: DependencyEntry, options: Locating): Promise<Located> {
  if (entry.kind === "nix" && (entry.urls.length === 0 || options.registries.nix !== undefined))
    return {
      ...entry,
      asked: addressesOf({ ...entry, urls: await publicAddresses(entry, options) }, options.registries),
    };
  if (entry.kind !== "python" || (entry.urls.length > 0 && options.registries.python === undefined))
    return { ...entry, asked: addressesOf(entry, options.registries) };
  const found = (await indexOf(entry.name, options)).filter(({ file }) => file === entry.file);
  return { ...entry, asked: found.map(({ url }) => url) };
}

type Named = Pick<DependencyEntry, "kind" | "name" | "version"> & { readonly file?: string | undefined };

/** What the public registry has is asked for at the user's alone, where there is one, below the same path. */
function addressesOf({ kind, urls }: Pick<DependencyEntry, "kind" | "urls">, registries: Registries): string[] {
  const [own, common] = [registries[kind], publicRegistries[kind]];
  return urls.map((url) => {
    const isTheirs = own !== undefined && kind !== "python" && url.startsWith(common);
    return checkAddress(isTheirs ? `${folderAt(own)}${url.slice(common.length)}` : url, own);
  });
}

function folderAt(registry: string): string {
  return registry.endsWith("/") ? registry : `${registry}/`;
}

function addressAt(registry: string, { kind, name, version, file }: Named): string {
  const paths: Readonly<Record<DependencyKind, () => string>> = {
    cargo: () => `${name}/${name}-${version}.crate`,
    go: () => `${goPath(name)}/@v/${goPath(version)}.${file!.endsWith(".mod") ? "mod" : "zip"}`,
    npm: () => npmAddress(name, version).slice(npmRegistry.length + 1),
    python: () => `${name}/`,
    nix: () => `${version}.narinfo`,
    debian: () => name,
  };
  return new URL(paths[kind](), folderAt(registry)).href;
}

async function indexOf(name: string, { registries, signal }: Locating): Promise<IndexedFile[]> {
  const registry = registries.python ?? publicRegistries.python;
  const url = addressAt(registry, { kind: "python", name, version: "" });
  const files = await pythonIndex(checkAddress(url, registry), name, signal);
  return files.map((each) => ({ ...each, url: checkAddress(each.url, registry) }));
}

/**
 * SAFETY: addresses stand in files that others have written. What speaks plain HTTP is asked only where the user has named it, so that
 * no lock makes a request to a service of the private network.
 */
function checkAddress(url: string, named: string | undefined): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === "https:" || (parsed?.protocol === "http:" && isNamed(url, named))) return url;
  throw new AssayError(
    "dependencies/bad-address",
    `${JSON.stringify(url.slice(0, 200))} is not asked for dependencies: only https addresses are, and registries named with --registry`,
    { url },
  );
}

function isNamed(url: string, named: string | undefined): boolean {
  return named !== undefined && new URL(url).origin === new URL(named).origin;
}

function withoutSecrets(url: string): string {
  const parsed = new URL(url);
  parsed.username = "";
  parsed.password = "";
  parsed.hash = "";
  return parsed.href;
}
