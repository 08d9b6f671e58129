import { AssayError } from "../core/errors.ts";

/** What `.gitmodules` says of one submodule. */
export interface Submodule {
  readonly name: string;
  /** Relative to the root of its repository. */
  readonly path: string;
  readonly url: string;
}

/** Where a repository is, as far as its submodules' relative URLs and local paths depend on it. */
export interface SubmoduleBase {
  /** A URL, `user@host:path`, or an absolute path; undefined where relative URLs lead nowhere. */
  readonly address: string | undefined;
  /** Whether the repository is on this machine, so that its submodules may be too. */
  readonly isLocal: boolean;
}

export type RemoteTransport = "https" | "http" | "ssh";

/** Where a submodule is. */
export type SubmodulePlace =
  | { readonly transport: "file"; readonly address: string }
  | { readonly transport: RemoteTransport; readonly address: string };

/**
 * The submodules of a tree by their paths.
 * @param settings what `git config -z --list` prints of `.gitmodules`.
 * @throws AssayError `source/bad-submodule` for names and paths that git refuses, and where two say different things
 */
export function parseGitmodules(settings: string): ReadonlyMap<string, Submodule> {
  const byName = new Map<string, { path?: string; url?: string }>();
  for (const line of settings.split("\0")) {
    const [, name, key, value] = /^submodule\.(.*)\.(path|url)\n(.*)$/s.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const said = byName.get(name) ?? {};
    const field = key as "path" | "url";
    if (said[field] !== undefined && said[field] !== value) throw badSubmodule(name, `has two values of ${field}`);
    byName.set(name, { ...said, [field]: value });
  }
  const byPath = new Map<string, Submodule>();
  for (const [name, { path, url }] of byName) {
    if (path === undefined || url === undefined) continue;
    if (name === "" || name.split(/[/\\]/).includes("..")) throw badSubmodule(path, `has the name ${shown(name)}`);
    if (path.startsWith("-")) throw badSubmodule(path, "has a path that is taken for an option");
    if (byPath.has(path)) throw badSubmodule(path, "is described twice");
    byPath.set(path, { name, path, url });
  }
  return byPath;
}

/**
 * Where the URL of a submodule leads, by git's rules.
 * @throws AssayError `source/bad-submodule` for what git refuses, and for files beside a repository that is elsewhere
 */
export function placeOfSubmodule({ path, url }: Submodule, base: SubmoduleBase): SubmodulePlace {
  const refuse = (fact: string) => badSubmodule(path, `has the URL ${shown(url)}: ${fact}`);
  if (url === "" || url.startsWith("-")) throw refuse("it would be taken for an option");
  if (/\p{Cc}/u.test(url) || /%(?:[01][0-9a-f]|7f)/i.test(url)) throw refuse("it holds control characters");
  let address = url;
  if (/^\.\.?(?:\/|$)/.test(url)) {
    if (base.address === undefined) throw refuse("it is relative, and the repository itself has no URL");
    const resolved = resolveRelative(base.address, url);
    if (resolved === undefined) throw refuse(`it leads out of ${shown(base.address)}`);
    address = resolved;
  }
  if (/^[A-Za-z0-9+.-]+::/.test(address)) throw refuse("it names a program");
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(address)?.[1]?.toLowerCase();
  if (scheme === "file" || (scheme === undefined && address.startsWith("/"))) {
    if (!base.isLocal) throw refuse("it is a path, which only a repository on this machine may name");
    return { transport: "file", address: scheme === "file" ? fileOf(address, refuse) : address };
  }
  if (scheme === undefined) {
    // user@host:path
    if (!/^(?:[A-Za-z0-9_][^\s/:@]*@)?[A-Za-z0-9_[][^\s/:@]*:[^:-]/.test(address)) throw refuse("it is not understood");
    return { transport: "ssh", address };
  }
  if (scheme !== "https" && scheme !== "http" && scheme !== "ssh") throw refuse("give https, http or ssh");
  const parsed = URL.canParse(address) ? new URL(address) : undefined;
  if (parsed === undefined || !/^[^-]/.test(parsed.hostname) || /^(?:-|%2d)/i.test(parsed.username))
    throw refuse("its host or user cannot be");
  return { transport: scheme, address: parsed.href };
}

/** @param address a URL, `user@host:path` or a path; undefined when `..` leads beyond its path. */
function resolveRelative(address: string, relative: string): string | undefined {
  const [, head, path] = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/[^/]*\/?|[^/:]+:|\/)(.*)$/s.exec(address) ?? [];
  if (head === undefined || path === undefined) return undefined;
  const names = path.split("/").filter((name) => name !== "");
  for (const name of relative.split("/")) {
    if (name === "..") {
      if (names.pop() === undefined) return undefined;
    } else if (name !== "." && name !== "") names.push(name);
  }
  return names.length === 0 ? undefined : head + names.join("/");
}

function fileOf(address: string, refuse: (fact: string) => AssayError): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || (url.hostname !== "" && url.hostname !== "localhost")) throw refuse("a file has no host");
  try {
    return decodeURIComponent(url.pathname);
  } catch {
    throw refuse("its escapes are not UTF-8");
  }
}

/** @param path of the submodule. @param fact what is wrong with it. */
export function badSubmodule(path: string, fact: string) {
  const how = "correct .gitmodules in a commit of the repository";
  return new AssayError("source/bad-submodule", `the submodule ${shown(path)} ${fact}; ${how}`, { path });
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
