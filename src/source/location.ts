import { sourceError } from "./errors.ts";

/** What a location means. */
export type Location =
  /** A directory or repository on this machine. */
  | { readonly kind: "path"; readonly path: string; readonly revision?: string }
  /** A repository on this machine, named as such. */
  | { readonly kind: "local-repository"; readonly path: string; readonly revision: string }
  | { readonly kind: "remote"; readonly url: string; readonly transport: "https" | "ssh"; readonly revision: string };

const transports = "git+https://, git+ssh:// or git+file:///";

/**
 * Reads `git+https://host/path#revision` and its like; everything without `://` is a path, in which `#` means nothing.
 * `revision` may come separately.
 * @throws AssayError `source/bad-location`, `source/bad-revision`
 */
export function parseLocation(text: string, revision?: string): Location {
  if (revision !== undefined) checkRevision(revision);
  if (text === "" || text.includes("\0")) throw badLocation(text, "it is empty or holds a zero byte");
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(text)) {
    return { kind: "path", path: text, ...(revision === undefined ? {} : { revision }) };
  }
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw badLocation(text, "it is not a URL");
  }
  const fragment = url.hash === "" ? undefined : decodeFragment(text, url.hash.slice(1));
  url.hash = "";
  if (fragment !== undefined) checkRevision(fragment);
  if (fragment !== undefined && revision !== undefined && fragment !== revision) {
    throw sourceError("source/bad-revision", `two revisions were given: ${fragment} and ${revision}`, {
      revisions: [fragment, revision],
    });
  }
  const asked = fragment ?? revision ?? "HEAD";
  if (url.protocol === "git+file:") return { kind: "local-repository", path: pathOf(url, text), revision: asked };
  const transport = url.protocol === "git+https:" ? "https" : url.protocol === "git+ssh:" ? "ssh" : undefined;
  if (transport === undefined) throw badLocation(text, `it begins with ${url.protocol}//`);
  // A host or user that begins with "-" could be taken for an option by ssh.
  if (url.hostname === "" || /^-/.test(url.hostname) || /^(-|%2d)/i.test(url.username)) {
    throw badLocation(text, "its host or user cannot be");
  }
  return { kind: "remote", url: url.href.slice("git+".length), transport, revision: asked };
}

/**
 * Refuses what git could take for an option, a range or a refspec; the rest is git's to find or not.
 * @throws AssayError `source/bad-revision`
 */
export function checkRevision(revision: string): void {
  if (revision === "" || /^[-+^]|\.\.|[\p{Cc} :*?[\\]/u.test(revision) || revision.length > 255) {
    throw sourceError(
      "source/bad-revision",
      `${JSON.stringify(revision.slice(0, 80))} does not name one commit: give a branch, a tag or a commit id`,
      { revision },
    );
  }
}

/** A remote URL as people may see it: without password, and without user except for ssh. */
export function withoutCredentials(text: string): string {
  const url = new URL(text);
  url.password = "";
  if (url.protocol !== "ssh:") url.username = "";
  return url.href;
}

function pathOf(url: URL, text: string): string {
  if ((url.hostname !== "" && url.hostname !== "localhost") || !url.pathname.startsWith("/")) {
    throw badLocation(text, "a file URL has no host");
  }
  const path = decodeFragment(text, url.pathname);
  if (path.includes("\0")) throw badLocation(text, "it holds a zero byte");
  return path;
}

function decodeFragment(text: string, part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badLocation(text, "its escapes are not UTF-8");
  }
}

function badLocation(text: string, fact: string) {
  return sourceError(
    "source/bad-location",
    `${JSON.stringify(text.slice(0, 200))} is no source: ${fact}. Give a directory, a repository's path, or a URL that ` +
      `begins with ${transports}`,
    { location: text },
  );
}
