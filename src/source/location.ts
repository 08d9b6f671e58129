import { AssayError } from "../core/errors.ts";

/** What a location says, before the reader of its scheme looks at it. */
export type Location =
  /** Everything without `://`, but for `rad:z...`; `#` means nothing in it. */
  | { readonly scheme: ""; readonly path: string; readonly revision?: string }
  /** `scheme` with its colon; the URL without fragment; what the fragment or the caller asked for, else `HEAD`. */
  | { readonly scheme: string; readonly url: URL; readonly revision: string };

/**
 * Reads `git+https://host/path#revision`, `rad:z...#revision` and their like. `revision` may come separately.
 * @throws AssayError `source/bad-location`, `source/bad-revision`
 */
export function parseLocation(text: string, revision?: string): Location {
  if (revision !== undefined) checkRevision(revision);
  if (text === "" || text.includes("\0")) throw badLocation(text, "it is empty or holds a zero byte");
  if (!/^(?:[A-Za-z][A-Za-z0-9+.-]*:\/\/|rad:z)/.test(text)) {
    return { scheme: "", path: text, ...(revision === undefined ? {} : { revision }) };
  }
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw badLocation(text, "it is not a URL");
  }
  const fragment = url.hash === "" ? undefined : decode(text, url.hash.slice(1));
  url.hash = "";
  if (fragment !== undefined) checkRevision(fragment);
  if (fragment !== undefined && revision !== undefined && fragment !== revision) {
    throw new AssayError("source/bad-revision", `two revisions were given: ${fragment} and ${revision}`, {
      revisions: [fragment, revision],
    });
  }
  return { scheme: url.protocol, url, revision: fragment ?? revision ?? "HEAD" };
}

/**
 * Refuses what git could take for an option, a range or a refspec; the rest is git's to find or not.
 * @throws AssayError `source/bad-revision`
 */
export function checkRevision(revision: string): void {
  if (revision === "" || /^[-+^]|\.\.|[\p{Cc} :*?[\\]/u.test(revision) || revision.length > 255) {
    throw new AssayError(
      "source/bad-revision",
      `${JSON.stringify(revision.slice(0, 80))} does not name one commit: give a branch, a tag or a commit id`,
      { revision },
    );
  }
}

/** A remote URL as people may see it: without password, and without user except for ssh. `user@host:path` stays as it is. */
export function withoutCredentials(text: string): string {
  if (!URL.canParse(text)) return text;
  const url = new URL(text);
  url.password = "";
  if (url.protocol !== "ssh:") url.username = "";
  return url.href;
}

/** The path that a URL on this machine names. @throws AssayError `source/bad-location` */
export function localPathOf(url: URL): string {
  if ((url.hostname !== "" && url.hostname !== "localhost") || !url.pathname.startsWith("/")) {
    throw badLocation(url.href, "a file URL has no host");
  }
  const path = decode(url.href, url.pathname);
  if (path.includes("\0")) throw badLocation(url.href, "it holds a zero byte");
  return path;
}

/** Refuses a host or user that begins with "-": ssh could take it for an option. @throws AssayError `source/bad-location` */
export function checkHost(url: URL): void {
  if (url.hostname === "" || /^-/.test(url.hostname) || /^(-|%2d)/i.test(url.username)) {
    throw badLocation(url.href, "its host or user cannot be");
  }
}

/** @param fact what is wrong with it. */
export function badLocation(text: string, fact: string) {
  return new AssayError("source/bad-location", `${JSON.stringify(text.slice(0, 200))} is not a source: ${fact}`, {
    location: text,
  });
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badLocation(text, "its escapes are not UTF-8");
  }
}
