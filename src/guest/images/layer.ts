/** Layers of an OCI image, one over the other (OCI image specification, "Image Layer Filesystem Changeset"). */
import { badTree, type FolderEntry, type RootTree } from "./rootTree.ts";

const whiteout = ".wh.";
const opaque = ".wh..wh..opq";

/** One layer on its way into a tree: what it says is gone goes from the layers below it only, whatever comes first. */
export class Layer {
  private readonly own = new Map<FolderEntry, Set<string>>();

  constructor(private readonly tree: RootTree) {}

  /** Takes away what a path says is gone. @returns false when it says nothing of the kind. */
  takeAway(path: string): boolean {
    const at = path.lastIndexOf("/") + 1;
    const name = path.slice(at);
    if (!name.startsWith(whiteout)) return false;
    const folder = this.tree.resolve(path.slice(0, at));
    if (folder === undefined) return true;
    if (folder.kind !== "folder") throw badTree(path, "takes something away from what is no folder");
    if (name === opaque) this.prune(folder);
    else this.drop(folder, name.slice(whiteout.length));
    return true;
  }

  /** Makes room for an entry of this layer and remembers that it is one. */
  claim(path: string, kind: "folder" | "other"): void {
    if (path === "") return;
    const { folder, name } = this.tree.place(path);
    const present = folder.entries.get(name);
    if (present !== undefined && !(kind === "folder" && present.kind === "folder")) folder.entries.delete(name);
    const names = this.own.get(folder) ?? new Set();
    this.own.set(folder, names.add(name));
  }

  private drop(folder: FolderEntry, name: string): void {
    const present = folder.entries.get(name);
    const isOwn = this.own.get(folder)?.has(name) === true;
    if (present?.kind === "folder") this.prune(present);
    const isEmpty = present?.kind !== "folder" || present.entries.size === 0;
    if (!isOwn && isEmpty) folder.entries.delete(name);
  }

  private prune(folder: FolderEntry): void {
    for (const name of [...folder.entries.keys()]) this.drop(folder, name);
  }
}
