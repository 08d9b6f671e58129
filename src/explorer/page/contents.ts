import { parseContentId } from "../../store/contentId.ts";
import { mirrorSource } from "../../store/mirrors.ts";
import type { ContentSource } from "../../store/store.ts";
import { absolute, settings } from "./state/settings.ts";

let source: ContentSource | undefined;

/**
 * A content from the host's stores: bytes that hash to the id.
 * @param sha256 in hexadecimal. @param most bytes.
 * @throws AssayError `store/...`
 */
export async function readContent(sha256: string, most: number): Promise<Uint8Array> {
  source ??= mirrorSource((settings.value?.stores ?? []).map(absolute));
  return await source.get(parseContentId(`sha256:${sha256}`), most);
}
