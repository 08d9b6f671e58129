import { AssayError } from "../core/errors.ts";

/** What stands in a commit in the place of a file that Git LFS keeps. */
export interface LfsPointer {
  /** sha256 of the file, 64 digits. */
  readonly sha256: string;
  readonly size: number;
}

/** Pointers are smaller than this. */
export const mostPointerBytes = 1024;

const firstLine = "version https://git-lfs.github.com/spec/v1\n";
const decoder = new TextDecoder("latin1");

/** Whether a content begins as a pointer does. */
export function isLfsPointer(content: Uint8Array): boolean {
  if (content.length > mostPointerBytes || content.length < firstLine.length) return false;
  return decoder.decode(content.subarray(0, firstLine.length)) === firstLine;
}

/**
 * Reads a pointer.
 * @param path for the message. @throws AssayError `source/lfs-pointer` where it is not exactly as Git LFS writes it
 */
export function parseLfsPointer(path: string, content: Uint8Array): LfsPointer {
  const text = decoder.decode(content).slice(firstLine.length);
  const [, sha256, size] = /^oid sha256:([0-9a-f]{64})\nsize (0|[1-9][0-9]{0,14})\n$/.exec(text) ?? [];
  if (sha256 !== undefined && size !== undefined) return { sha256, size: Number(size) };
  throw new AssayError(
    "source/lfs-pointer",
    `${JSON.stringify(path)} begins as a Git LFS pointer but is none that is understood: correct it in a commit`,
    { path },
  );
}

/**
 * The address of the LFS server of a repository, as Git LFS guesses it: `<repository>.git/info/lfs`, by https where git itself uses ssh.
 * @param address a URL or `user@host:path`. Undefined for what has none: a path.
 */
export function lfsEndpoint(address: string): URL | undefined {
  const [, host, path] = /^(?:[^\s/:@]+@)?([^\s/:]+):(?!\/\/)\/?(.+)$/.exec(address) ?? [];
  const text = host === undefined ? address : `https://${host}/${path}`;
  if (!URL.canParse(text)) return undefined;
  let url = new URL(text);
  if (url.protocol === "ssh:") url = new URL(`https://${url.hostname}${url.pathname}`);
  if (url.protocol !== "https:" && url.protocol !== "http:") return undefined;
  url.pathname = `${url.pathname.replace(/\/+$/, "").replace(/\.git$/, "")}.git/info/lfs`;
  return url;
}
