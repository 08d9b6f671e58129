import { createReadStream } from "node:fs";
import { mkdir, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { maxContentBytes, tooLarge } from "../treeSize.ts";
import { archiveEntries } from "./archiveEntries.ts";
import type { Spool } from "./spool.ts";

/** What is taken of a layout in a tar archive; nothing else of it gets onto this host's disk. */
const taken = /^(index\.json|blobs\/sha256\/[0-9a-f]{64})$/;

/** The folder of a layout: the one that is named, or one into which the archive is unpacked that is named. */
export async function ociLayout(place: string, spool: Spool): Promise<string> {
  const found = await stat(place).catch(() => undefined);
  if (found?.isFile() !== true) return place;
  const folder = await spool.folder("layout");
  await mkdir(join(folder, "blobs", "sha256"), { recursive: true });
  let bytes = 0;
  for await (const entry of archiveEntries(createReadStream(place, { highWaterMark: 2 ** 18 }))) {
    const path = entry.path.replace(/^(\.\/)+/, "");
    if (entry.type !== "file" || !taken.test(path)) continue;
    bytes += entry.size;
    if (bytes > 2 * maxContentBytes) throw tooLarge(path, 2 * maxContentBytes);
    const handle = await open(join(folder, path), "w", 0o600);
    try {
      for await (const part of entry.stream) await handle.writeFile(part);
    } finally {
      await handle.close();
    }
  }
  return folder;
}
