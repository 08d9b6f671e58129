import { open } from "node:fs/promises";
import { bytesOf as bytesOfText } from "../../../erofs/byteText.ts";
import type { ErofsEntry } from "../../../erofs/entry.ts";
import { ErofsWriter } from "../../../erofs/writer.ts";
import type { RootTree, TreeEntry } from "../rootTree.ts";

/** The time of everything in an image, in seconds since 1970: the first of 1980, the earliest that archives can hold. */
const imageTime = 315_532_800;

/**
 * Writes a tree as an uncompressed erofs image that depends on nothing but names, modes and contents: everything belongs to root,
 * has one time (but for what the tree says another of) and no extended attributes.
 */
export async function writeImage(tree: RootTree, file: string): Promise<void> {
  const image = new ErofsWriter(entriesOf(tree), { time: imageTime });
  const handle = await open(file, "wx", 0o644);
  try {
    await image.writeTo(async (part) => {
      for (let done = 0; done < part.length; ) done += (await handle.write(part, done)).bytesWritten;
    });
  } finally {
    await handle.close();
  }
}

function* entriesOf(tree: RootTree): Generator<ErofsEntry> {
  yield { path: "", kind: "directory", mode: tree.root.mode };
  const first = new Map<TreeEntry, string>();
  for (const [path, entry] of tree.walkAll()) {
    const bytes = bytesOfText(path);
    const other = first.get(entry);
    if (entry.kind === "folder") yield { path: bytes, kind: "directory", mode: entry.mode };
    else if (entry.kind === "link") yield { path: bytes, kind: "symlink", target: bytesOfText(entry.target) };
    else if (other !== undefined) yield { path: bytes, kind: "hardLink", target: bytesOfText(other) };
    else {
      const { mode, time, content } = entry;
      yield { path: bytes, kind: "file", mode, content, time };
      first.set(entry, path);
    }
  }
}
