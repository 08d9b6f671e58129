import { readContent } from "../../src/erofs/entry.ts";
import type { RootTree } from "../../src/guest/images/rootTree.ts";

/** A tree as lines, for comparing: mode and path, then a link's target or a file's content. */
export async function treeText(tree: RootTree): Promise<string[]> {
  const lines: string[] = [];
  for (const [path, entry] of tree.walkAll()) {
    if (entry.kind === "folder") lines.push(`${entry.mode.toString(8)} ${path}/`);
    else if (entry.kind === "link") lines.push(`${path} -> ${entry.target}`);
    else
      lines.push(
        `${entry.mode.toString(8)} ${path} ${Buffer.from(await readContent(entry.content)).toString("latin1")}`,
      );
  }
  return lines;
}
