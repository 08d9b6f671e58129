import { chmod, link, mkdir, open, symlink } from "node:fs/promises";
import { dirname } from "node:path";
import type { Content, RootTree, TreeEntry } from "../rootTree.ts";

/**
 * Writes a tree, or the part of it that is wanted, into an empty folder of the host.
 * @param isWanted told paths; of a folder that is not wanted, what is in it may be.
 */
export async function writeTree(
  tree: RootTree,
  folder: string,
  isWanted: (path: string) => boolean = () => true,
): Promise<void> {
  const base = Buffer.from(folder);
  const first = new Map<TreeEntry, Buffer>();
  const modes: [Buffer, number][] = [[base, tree.root.mode]];
  for (const [path, entry] of tree.walkAll()) {
    if (!isWanted(path)) continue;
    const at = Buffer.concat([base, Buffer.from(`/${path}`, "latin1")]);
    const other = first.get(entry);
    await mkdir(Buffer.from(dirname(at.toString("latin1")), "latin1"), { recursive: true });
    if (entry.kind === "folder") {
      await mkdir(at, { recursive: true, mode: 0o700 });
      modes.push([at, entry.mode]);
    } else if (entry.kind === "link") await symlink(Buffer.from(entry.target, "latin1"), at);
    else if (other !== undefined) await link(other, at);
    else {
      await writeContent(at, entry.content);
      await chmod(at, entry.mode);
      first.set(entry, at);
    }
  }
  for (const [at, mode] of modes.reverse()) await chmod(at, mode);
}

async function writeContent(file: Buffer, content: Content): Promise<void> {
  const handle = await open(file, "wx", 0o600);
  try {
    for await (const part of content.read()) await handle.writeFile(part);
  } finally {
    await handle.close();
  }
}
