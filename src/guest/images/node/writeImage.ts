import { chmod, link, mkdir, open, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { Content, RootTree, TreeEntry } from "../rootTree.ts";
import { runTool } from "./tools.ts";

const noIdentifier = "00000000-0000-0000-0000-000000000000";

/**
 * Writes a tree as an uncompressed erofs image that depends on nothing but names, modes and contents: everything belongs to root,
 * has one time and no extended attributes.
 * @param work an empty folder.
 */
export async function writeImage(tree: RootTree, file: string, work: string): Promise<void> {
  const folder = join(work, "tree");
  await mkdir(folder);
  await materialise(tree, Buffer.from(folder));
  await runTool("mkfs.erofs", ["-d0", "-T0", "--all-root", "-x-1", "-U", noIdentifier, file, folder]);
  await rm(folder, { recursive: true });
}

async function materialise(tree: RootTree, folder: Buffer): Promise<void> {
  const first = new Map<TreeEntry, Buffer>();
  const modes: [Buffer, number][] = [[folder, tree.root.mode]];
  for (const [path, entry] of tree.walkAll()) {
    const at = Buffer.concat([folder, Buffer.from(`/${path}`, "latin1")]);
    const other = first.get(entry);
    if (entry.kind === "folder") {
      await mkdir(at, 0o700);
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
