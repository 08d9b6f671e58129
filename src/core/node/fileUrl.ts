import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** An address whose path may be relative: `file:./store` is below `base`; other addresses are as they are. */
export function absoluteUrl(url: string, base: string): string {
  if (!url.startsWith("file:") || url.startsWith("file://")) return url;
  return pathToFileURL(resolve(base, url.slice("file:".length))).href;
}
