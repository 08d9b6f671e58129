import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ContentId } from "../contentId.ts";
import { cidsIn, cidsPath, mostCidsBytes } from "../ipfsStore.ts";

/** What a store's folder says of the CIDs of a content. */
export async function readCidsFile(folder: string, id: ContentId): Promise<string[]> {
  const file = join(folder, cidsPath(id));
  const size = (await stat(file).catch(() => undefined))?.size ?? 0;
  return size === 0 || size > mostCidsBytes ? [] : cidsIn(await readFile(file, "utf8"));
}
