import { parseContentId } from "../../store/contentId.ts";
import { mirrorSource } from "../../store/mirrors.ts";
import type { ContentSource } from "../../store/store.ts";
import { absolute, settings } from "./state/settings.ts";

let source: ContentSource | undefined;

/** The host's stores, as one: what comes out of it hashes to its id. */
export function theStores(): ContentSource {
  source ??= mirrorSource((settings.value?.stores ?? []).map(absolute).filter((url) => /^https?:/.test(url)));
  return source;
}

/**
 * A content from the host's stores.
 * @param sha256 in hexadecimal. @param most bytes.
 * @throws AssayError `store/...`
 */
export async function readContent(sha256: string, most: number): Promise<Uint8Array> {
  return await theStores().get(parseContentId(`sha256:${sha256}`), most);
}
