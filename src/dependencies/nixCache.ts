import { AssayError } from "../core/errors.ts";
import { download } from "./download.ts";

/** What is read of a cache's description of one path. */
const mostBytes = 2 ** 16;

/**
 * Where a binary cache has the archive of a store path, by its `.narinfo`. Nothing else in that is believed: the archive is checked by
 * the hash in the lock.
 * @throws AssayError `dependencies/not-found`, `dependencies/unreachable-fault`
 */
export async function narAddress(url: string, name: string, signal?: AbortSignal): Promise<string> {
  const answer = await download(url, { maxBytes: mostBytes, signal });
  const entry = `nix ${name}`;
  const refuse = (isMissing: boolean, why: string) => {
    const code = isMissing ? "dependencies/not-found" : "dependencies/unreachable-fault";
    return new AssayError(code, `where ${entry} is did not come: ${url} ${why}`, { entry, whys: [why] });
  };
  if (answer.kind !== "brought") throw refuse(answer.kind === "missing", answer.why);
  const [, place] = /^URL: (\S{1,1000})$/m.exec(new TextDecoder().decode(answer.value)) ?? [];
  if (place === undefined || !URL.canParse(place, url)) throw refuse(false, "says no address");
  return new URL(place, url).href;
}

/** How an archive at this address is compressed. @returns undefined where its name does not say. */
export function compressionAt(url: string): "none" | "gzip" | "xz" | "zstd" | undefined {
  const [, ending] = /\.nar(\.[a-z0-9]+)?$/.exec(new URL(url).pathname) ?? [undefined, "?"];
  const known = { "": "none", ".gz": "gzip", ".xz": "xz", ".zst": "zstd" } as const;
  return known[(ending ?? "") as keyof typeof known];
}
