import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { RootTree } from "../rootTree.ts";
import { runTool } from "./tools.ts";
import { writeTree } from "./treeOnDisk.ts";

const noIdentifier = "00000000-0000-0000-0000-000000000000";

/**
 * Writes a tree as an uncompressed erofs image that depends on nothing but names, modes and contents: everything belongs to root,
 * has one time and no extended attributes.
 * @param work an empty folder.
 */
export async function writeImage(tree: RootTree, file: string, work: string): Promise<void> {
  const folder = join(work, "tree");
  await mkdir(folder);
  await writeTree(tree, folder);
  await runTool("mkfs.erofs", ["-d0", "-T0", "--all-root", "-x-1", "-U", noIdentifier, file, folder]);
  await rm(folder, { recursive: true });
}
